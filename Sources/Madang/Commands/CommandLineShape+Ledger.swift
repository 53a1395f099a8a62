import Platform

extension CommandLineShape {
    static let exportFile = CommandOption.value(
        "to", "FILE", "Writes it there, whole or not at all, instead of printing it.")
    static let knownHash = CommandOption.value(
        "hash", "HEX", "A hash that you kept elsewhere: is there a row that has it?")

    static let ledger = Command(
        "ledger", "Prints fills and corrections as booked.",
        examples: ["madang ledger -c madang.yaml --json", "madang ledger verify"],
        options: [config, run, json],
        subcommands: [
            Command(
                "verify",
                "Calculates the chain again, and holds every row against what the log comes to.",
                examples: [
                    "madang ledger verify", "madang ledger verify --hash 2426a9c668ebc0e5 --json",
                ], options: [knownHash]),
            Command(
                "export", "Writes every row with every column, as CSV or JSON.",
                examples: [
                    "madang ledger export --to ledger.csv", "madang ledger export --json | gzip",
                ], options: [exportFile]),
        ], standsAlone: true)
}
