"""What the commands themselves have to say, in both languages. What portals do is in ``shared.wording``."""

from __future__ import annotations

from dataclasses import dataclass

from shared.wording.language import Language, fill


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing to say; ``{names}`` are its facts."""

    ru: str
    en: str

    def spoken(self, language: Language, **facts: str) -> str:
        """The sentence with its facts, made safe to show."""
        return fill(self.ru if language == "ru" else self.en, facts)


class Complaint(Exception):
    """Something the person at the keyboard has to put right before the command can do its work."""

    def __init__(self, sentence: Sentence, **facts: str) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence
        self.facts = facts


CONNECTING = Sentence("Читаю {host}: соединяюсь", "Reading {host}: connecting")
READING = Sentence(
    "Читаю {host}: {done} из {planned}[ ({kinds})]", "Reading {host}: {done} of {planned}[ ({kinds})]"
)
WRITTEN = Sentence("Записано: {file}", "Written: {file}")

INTERRUPTED = Sentence("Прервано, ничего не записано.", "Interrupted, nothing was written.")
WRONG_USAGE = Sentence("{what}.[ Справка: {help}]", "{what}.[ Help: {help}]")
WRONG_SETTING = Sentence("Неверная настройка: {what}.", "Wrong setting: {what}.")
FAULT_OF_OURS = Sentence(
    "Это ошибка CRMAP ({what}), а не ваша. Сообщите нам; с CRMAP_DEBUG=1 видно, где она.",
    "This is a fault of CRMAP ({what}), not yours. Please tell us; CRMAP_DEBUG=1 shows where it is.",
)
WRONG_EPOCH = Sentence(
    "SOURCE_DATE_EPOCH должен быть числом секунд с 1970 года.",
    "SOURCE_DATE_EPOCH has to be a number of seconds since 1970.",
)

MIGRATED = Sentence("Схема базы данных актуальна.", "The schema of the database is current.")
NO_SUCH_PERSON = Sentence("Человека с адресом {email} нет.", "There is nobody with the address {email}.")
EMAIL_TAKEN = Sentence("Адрес {email} уже занят.", "The address {email} is taken.")
UNFIT = Sentence("{what} не подходит: {why}.", "The {what} does not fit: {why}.")
APPLICATION_KNOWN = Sentence("Приложение {client_id} известно.", "The application {client_id} is known.")
NO_SUCH_PORTAL = Sentence("Портала {portal} нет.", "There is no portal {portal}.")
SEVERAL_PORTALS = Sentence(
    "Порталов с адресом {portal} несколько, укажите номер: {ids}.",
    "There are several portals at {portal}, name one by its id: {ids}.",
)
PORTAL_REMOVED = Sentence(
    "С портала {portal} CRMAP удалён и не читает его, пока приложение не установят там снова.",
    "CRMAP was removed from the portal {portal} and does not read it until the application is installed there again.",
)
REQUESTED = Sentence("Портал {portal} будет прочитан.", "The portal {portal} will be read.")
ROTATED = Sentence("Запечатано первым ключом заново: {count}.", "Sealed anew under the first key: {count}.")

NO_STDOUT = Sentence(
    "Стандартный вывод закрыт, писать некуда.", "Standard output is closed, there is nowhere to write."
)
TERMINAL = Sentence(
    "{format} — двоичный формат, на экран он не выводится. Укажите файл: -o имя.{format}",
    "{format} is a binary format and not for the screen. Name a file: -o name.{format}",
)
IS_A_FOLDER = Sentence("{file} — это папка. Укажите имя файла.", "{file} is a folder. Name a file.")
NO_FOLDER = Sentence(
    "Папки {folder} нет. Создайте её или укажите другую.",
    "There is no folder {folder}. Make it or name another.",
)
NO_PERMISSION = Sentence("Нет прав записать {file}.", "There is no permission to write {file}.")
NO_SPACE = Sentence("На диске нет места для {file}.", "There is no space on the disk for {file}.")
CANNOT_WRITE = Sentence("{file} записать не удалось: {why}.", "{file} could not be written: {why}.")

NO_FILE = Sentence("Файла {file} нет.", "There is no file {file}.")
CANNOT_READ = Sentence("{file} прочитать не удалось: {why}.", "{file} could not be read: {why}.")
STDIN_TWICE = Sentence(
    "Стандартный ввод (-) можно указать только один раз.", "Standard input (-) can be given only once."
)

TRY_THE_SIMULATOR = Sentence(
    "Порталы отвечают до Ctrl-C. В другом окне: CRMAP_ALLOW_PRIVATE_PORTALS=1 crmap spec WEBHOOK_URL",
    "The portals answer until Ctrl-C. In another terminal: CRMAP_ALLOW_PRIVATE_PORTALS=1 crmap spec WEBHOOK_URL",
)
TWO_PORTALS = Sentence(
    "Это два разных портала ({old} и {new}): сравниваю по кодам и названиям, без пользователей и подразделений.",
    "These are two different portals ({old} and {new}): compared by codes and names, without users and departments.",
)
UNDECIDED = Sentence(
    "Различий не видно, но сравнить удалось не всё, поэтому равными их не назвать.",
    "No difference was found, but not everything could be compared, so they are not called equal.",
)

CANNOT_START = Sentence("Не начать: {what}.", "Cannot start: {what}.")
CANNOT_GO_ON = Sentence("Дальше не получится: {what}.", "Cannot go on: {what}.")
CANNOT_USE_FOLDER = Sentence(
    "Нельзя использовать {file}: {why}. Укажите другую папку в CRMAP_DATA_DIR.",
    "{file} cannot be used: {why}. Name another folder in CRMAP_DATA_DIR.",
)
DATABASE_SILENT = Sentence(
    "База данных по адресу из CRMAP_DATABASE_URL не отвечает.",
    "The database at the address in CRMAP_DATABASE_URL does not answer.",
)
NOT_INSTALLED = Sentence(
    "Не установлено: {what}. Поставьте CRMAP целиком, с дополнением standalone.",
    "{what} is not installed. Install all of CRMAP, with its extra standalone.",
)

DEMO_STARTS = Sentence("Запускаю CRMAP и три учебных портала.", "Starting CRMAP and three pretend portals.")
DEMO_CONNECTED = Sentence("{title}: {how} — {state}.", "{title}: {how} — {state}.")
DEMO_FAILED = Sentence("Показ не удался: {what}.", "The demonstration failed: {what}.")
