"""What the portal's pages say, in Russian and in English."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "pretend": (
        "Это имитация портала Битрикс24 для разработки и проверок. Настоящих данных здесь нет.",
        "This is a pretend Bitrix24 portal, for development and checks. There is no real data in it.",
    ),
    "home": ("Портал", "Portal"),
    "applications": ("Приложения", "Applications"),
    "no_applications": ("Приложений пока нет.", "No applications yet."),
    "connect": ("Подключить", "Connect"),
    "developers": ("Разработчикам", "Developer resources"),
    "install": ("Установить", "Install"),
    "not_installed_here": ("не установлено", "not installed"),
    "administrator": ("Администратор", "Administrator"),
    "employee": ("Сотрудник", "Employee"),
    "who": ("Кто вошёл", "Signed in"),
    "unfinished": (
        (
            "Приложение еще не установлено до конца. Обратитесь к администратору вашего Битрикс24, "
            "чтобы он завершил установку"
        ),
        "The installation is not finished. Ask the administrator of your Bitrix24 to finish it",
    ),
    "closed": ("У вас нет доступа к этому приложению.", "You have no access to this application."),
    "administrators_only": (
        "Это может только администратор портала.",
        "Only an administrator of the portal may do this.",
    ),
    "nothing_here": ("Такой страницы нет.", "There is no such page."),
    "page_of_portal": (
        "На настоящем портале здесь была бы его собственная страница.",
        "On a real portal this would be a page of its own.",
    ),
    "close": ("Закрыть", "Close"),
    "choose_user": ("Выберите сотрудника", "Choose an employee"),
    "choose": ("Выбрать", "Choose"),
    "no_fresh_tokens": (
        "Портал не смог продлить авторизацию приложения.",
        "The portal could not renew the application's authorization.",
    ),
    "change_portal": ("Изменить портал", "Change the portal"),
    "change_hint": (
        "То, что обычно делают люди в настройках CRM.",
        "What people usually do in the settings of the CRM.",
    ),
    "rename_pipeline": ("Переименовать воронку «{name}»", "Rename the pipeline “{name}”"),
    "add_stage": ("Добавить стадию сделок", "Add a stage of deals"),
    "add_field": ("Добавить поле сделок", "Add a field of deals"),
    "end_subscription": ("Подписка закончилась", "End the subscription"),
    "pay": ("Оплатить подписку", "Pay for the subscription"),
    "new_stage": ("Стадия", "Stage"),
    "new_field": ("Поле", "Field"),
    "done": ("Готово", "Done"),
    "failed": ("Не получилось", "That did not work"),
    "scenarios": ("Готовые сценарии — Другое", "Common use cases — Other"),
    "integrations": ("Интеграции", "Integrations"),
    "local_application": ("Локальное приложение", "Local application"),
    "incoming_webhook": ("Входящий вебхук", "Inbound webhook"),
    "handler": ("Путь вашего обработчика", "Your handler path"),
    "installer": ("Путь для первоначальной установки", "Initial installation path"),
    "menu_title": ("Название пункта меню", "Menu item text"),
    "rights": ("Настройка прав", "Assign permissions"),
    "save": ("Сохранить", "Save"),
    "client_id": ("Код приложения (client_id)", "Application ID (client_id)"),
    "secret": ("Ключ приложения (client_secret)", "Application key (client_secret)"),
    "open": ("Открыть приложение", "Open the application"),
    "card": ("Изменить", "Edit"),
    "reinstall": ("Переустановить", "Reinstall"),
    "delete": ("Удалить", "Delete"),
    "back": ("К списку интеграций", "To the integrations"),
    "webhook_of": ("Вебхук действует с правами сотрудника", "The webhook acts with the rights of"),
    "webhook_address": ("Адрес вебхука для вызова REST", "Webhook to call REST API"),
    "create": ("Создать", "Create"),
    "again": ("Перегенерировать", "Make a new one"),
    "title_missing": ("Назовите пункт меню.", "Give the menu item a text."),
    "handler_missing": (
        "Путь обработчика — это адрес, который начинается с http:// или https://.",
        "The handler path is an address that begins with http:// or https://.",
    ),
    "installer_wrong": (
        "Путь для установки — это адрес, который начинается с http:// или https://.",
        "The installation path is an address that begins with http:// or https://.",
    ),
    "rights_missing": ("Выберите хотя бы одно право.", "Choose at least one permission."),
}
