"""Sentences of the commands themselves. Sentences about portals are in ``shared.wording``.

A command that writes a document, ``crmap spec`` or ``crmap diff``, speaks the language of its ``--lang``. Every other
command speaks English, as its help, the settings and the logs do; its sentences are not marked for the catalogue.
"""

from __future__ import annotations

from shared.wording.language import Language
from shared.wording.sentences import N_, cleaned, say


class Complaint(Exception):
    """Something the person at the keyboard has to put right before the command can do its work."""

    def __init__(self, sentence: str, **facts: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.facts = facts

    def spoken(self, language: Language) -> str:
        """The sentence with its facts, made safe to show."""
        return say(self.sentence, language, **cleaned(self.facts))


# Said in the language of --lang.

CONNECTING = N_("Reading {host}: connecting")
READING = N_("Reading {host}: {done} of {planned}[ ({kinds})]")
WRITTEN = N_("Written: {file}")
TWO_PORTALS = N_(
    "These are two different portals ({old} and {new}): compared by codes and names, without users and departments."
)
UNDECIDED = N_("No difference was found, but not everything could be compared, so they are not called equal.")

INTERRUPTED = N_("Interrupted, nothing was written.")
FAULT_OF_OURS = N_(
    "This is a fault of CRMAP ({what}), not yours. Please tell us; CRMAP_DEBUG=1 shows where it is."
)
WRONG_SETTING = N_("Wrong setting: {what}.")
WRONG_EPOCH = N_("SOURCE_DATE_EPOCH has to be a number of seconds since 1970.")

NO_STDOUT = N_("Standard output is closed, there is nowhere to write.")
TERMINAL = N_("{format} is a binary format and not for the screen. Name a file: -o name.{format}")
IS_A_FOLDER = N_("{file} is a folder. Name a file.")
NO_FOLDER = N_("There is no folder {folder}. Make it or name another.")
NO_PERMISSION = N_("There is no permission to write {file}.")
NO_SPACE = N_("There is no space on the disk for {file}.")
CANNOT_WRITE = N_("{file} could not be written: {why}.")

NO_FILE = N_("There is no file {file}.")
CANNOT_READ = N_("{file} could not be read: {why}.")
STDIN_TWICE = N_("Standard input (-) can be given only once.")

# Said in English only.

# For every command: the option parser reports errors in English, before --lang is known.
WRONG_USAGE = "{what}.[ Help: {help}]"

MIGRATED = "The schema of the database is current."
NO_SUCH_PERSON = "There is nobody with the address {email}."
EMAIL_TAKEN = "The address {email} is taken."
UNFIT = "The {what} does not fit: {why}."
APPLICATION_KNOWN = "The application {client_id} is known."
NO_SUCH_PORTAL = "There is no portal {portal}."
SEVERAL_PORTALS = "There are several portals at {portal}, name one by its id: {ids}."
PORTAL_REMOVED = (
    "CRMAP was removed from the portal {portal} and does not read it "
    "until the application is installed there again."
)
REQUESTED = "The portal {portal} will be read."
ROTATED = "Sealed anew under the first key: {count}."

CANNOT_START = "Cannot start: {what}."
CANNOT_GO_ON = "Cannot go on: {what}."
CANNOT_USE_FOLDER = "{file} cannot be used: {why}. Name another folder in CRMAP_DATA_DIR."
DATABASE_SILENT = "The database at the address in CRMAP_DATABASE_URL does not answer."
NOT_INSTALLED = "{what} is not installed. Install all of CRMAP, with its extra standalone."

TRY_THE_SIMULATOR = (
    "The portals answer until Ctrl-C. In another terminal: "
    "CRMAP_ALLOW_PRIVATE_PORTALS=1 crmap spec WEBHOOK_URL"
)
DEMO_STARTS = "Starting CRMAP and three pretend portals."
DEMO_CONNECTED = "{title}: {how} — {state}."
DEMO_FAILED = "The demonstration failed: {what}."
