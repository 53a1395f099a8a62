import Platform

extension CommandLineShape {
    static let cashOnly = CommandOption.flag("cash", "The account's cash, and no position.")
    static let atBroker = CommandOption.value(
        "broker", "NAME", "At this broker, where several differ.")
    static let accountOfBooks = CommandOption.value(
        "account", "ID", "Of this account, where there are several.")
    private static let corrected = CommandArgument(
        "SYMBOL", "What the broker has otherwise, as FS049 told it.", .optional)

    static let positions = Command(
        "positions", "Shows what the accounts hold, at what cost, and what was realised.",
        examples: [
            "madang positions -c madang.yaml --json",
            "madang positions correct 005930 --reason \"sold by phone\"",
        ],
        options: [config, run, json],
        subcommands: [
            Command(
                "correct",
                "Puts the books where the broker is, as an entry of the ledger with both sides' numbers.",
                examples: [
                    "madang positions correct 005930 --reason \"sold by phone\"",
                    "madang positions correct --cash --reason dividend",
                ], options: [cashOnly, accountOfBooks, atBroker, reason], arguments: [corrected])
        ], standsAlone: true)
}
