// A button of class "copy" copies the text of the element before it.

const said = document.getElementById("said");

function copyOldWay(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  return copied;
}

async function copy(text) {
  // Inside a foreign frame the new way is refused, and the attempt alone is an error in the browser's eyes.
  if (window.parent !== window) return copyOldWay(text);
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without https only the old way is allowed.
    return copyOldWay(text);
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const copied = await copy(button.previousElementSibling.textContent.trim());
  button.focus();
  button.classList.toggle("done", copied);
  said.textContent = copied ? said.dataset.copied : said.dataset.failed;
  setTimeout(() => {
    button.classList.remove("done");
    said.textContent = "";
  }, 1500);
});
