import Platform

extension CommandLineShape {
    private static let ofAccount = CommandOption.value(
        "account", "ID", "Limits of this account; without it of every account.")
    private static let values = CommandArgument(
        "KEY=VALUE", "A limit, as the configuration names it; off takes it away.", .any)

    static let risk = Command(
        "risk", "The limits of the run in hand, and what its accounts may do.",
        examples: ["madang risk show", "madang risk set state=reducing"],
        subcommands: [
            Command(
                "show", "Shows the limits that hold for each account of the run in hand.",
                examples: ["madang risk show --json"], options: [config, json]),
            Command(
                "set", "Changes limits of the run in hand, between two steps.",
                examples: [
                    "madang risk set order_value=2000000 orders_per_minute=30",
                    "madang risk set state=halted --account demo", "madang risk set day_loss=off",
                ], options: [config, ofAccount, dryRun, json], arguments: [values]),
        ])
}
