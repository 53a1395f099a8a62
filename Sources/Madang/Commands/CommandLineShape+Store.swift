import Platform

extension CommandLineShape {
    static let barInterval = CommandOption.value(
        "interval", "LENGTH", "How long the bars are.", default: "1m")
    private static let barSymbol = CommandArgument("SYMBOL", "As the configuration has it.")

    static let store = Command(
        "store", "The tables of a run, held against its log; backups of the folder.",
        examples: ["madang store check", "madang store backup /mnt/monday"],
        subcommands: [
            Command(
                "backup", "Copies logs, tables and all else that a host keeps.",
                examples: ["madang store backup /mnt/monday"], options: [config, json],
                arguments: [backupPlace]),
            Command(
                "restore", "Puts a backup back, where nothing is.",
                examples: ["madang store restore /mnt/monday"], options: [config, json],
                arguments: [backupPlace]),
            Command(
                "check", "Compares every row with what the log comes to.",
                examples: ["madang store check --json"], options: [config, run, json]),
            Command(
                "rebuild", "Writes a run's tables anew from its log.",
                examples: ["madang store rebuild"], options: [config, run, json]),
            Command(
                "bars", "Prints the bars that a run kept of a symbol, as CSV or JSON.",
                examples: ["madang store bars 005930 --interval 1m > bars.csv"],
                options: [config, run, barInterval, json], arguments: [barSymbol]),
        ])
}
