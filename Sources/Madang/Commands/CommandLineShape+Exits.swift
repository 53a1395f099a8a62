import Platform

extension CommandLineShape {
    private static let held = CommandArgument("SYMBOL", "As the configuration has it.")
    private static let ratio = CommandArgument(
        "NEW:OLD", "Shares for shares: 2:1 is two new for one old.")

    private static let range = CommandArgument(
        "LOWER:UPPER", "The lowest and the highest price of today, or off.")

    static let exits = Command(
        "exits",
        "Tells the run in hand what it cannot know: holds, halts, price limits, splits, prices.",
        examples: [
            "madang exits hold --reason \"election night\"", "madang exits split 005930 50:1",
        ],
        subcommands: [
            Command(
                "hold", "Holds every exit: nothing fires, over restarts too, until release.",
                examples: ["madang exits hold --reason \"the feed is wrong\""],
                options: [config, reason, json]),
            Command(
                "release", "Lets exits go: what was reached meanwhile fires at the next price.",
                examples: ["madang exits release"], options: [config, reason, json]),
            Command(
                "halt",
                "Says that a symbol does not trade: its exits wait, and nothing new is bought.",
                examples: ["madang exits halt 005930"], options: [config, reason, json],
                arguments: [held]),
            Command(
                "resume",
                "Says that a symbol trades again: its exits send orders, and it is bought.",
                examples: ["madang exits resume 005930"], options: [config, reason, json],
                arguments: [held]),
            Command(
                "limits", "Says between which prices orders of a symbol are taken today.",
                examples: ["madang exits limits 005930 49000:91000"],
                options: [config, reason, json], arguments: [held, range]),
            Command(
                "split", "Rescales positions and exits of a symbol: a split, and nothing fires.",
                examples: ["madang exits split 005930 50:1"], options: [config, reason, json],
                arguments: [held, ratio]),
            Command(
                "believe", "Says that a price that the exits of a symbol doubt is the market's.",
                examples: ["madang exits believe 005930"], options: [config, reason, json],
                arguments: [held]),
        ])
}
