import Platform
import StrategyServers

/// Options and arguments of commands.
extension CommandLineShape {
    static let config = CommandOption.value(
        "config", short: "c", "FILE", "The configuration.", default: "madang.yaml")
    static let json = CommandOption.flag("json", "Answers for programs: JSON, one object a line.")
    static let fresh = CommandOption.flag(
        "fresh", "Begins anew although an unfinished run could be gone on with.")
    static let quiet = CommandOption.flag("quiet", short: "q", "Prints the summary alone.")
    static let plain = CommandOption.flag(
        "plain", "Prints lines on a terminal too, instead of the live view.")
    static let summary = CommandOption.value("summary", "FILE", "Writes the summary as JSON too.")
    static let run = CommandOption.value(
        "run", "ID", "Another run than the latest of the configuration.")
    static let sendTest = CommandOption.repeated(
        "send-test", "CHANNEL",
        "Sends one test message to this channel; all: to every one.")

    static let trades = CommandOption.value(
        "trades", "FILE", "Writes round trips as CSV, a row each.")
    static let report = CommandOption.value(
        "report", "FILE", "Writes the report: one page of HTML, whole in itself.")
    static let sweep = CommandOption.value(
        "sweep", "GRID", "Tries every combination of parameters: fast=5..20,slow=20..60:10.")
    static let by = CommandOption.value(
        "by", "FIGURE", "What a sweep's combinations are compared by.", default: "profit",
        allowed: SweepRank.allCases.map(\.rawValue))
    static let combinations = CommandOption.value(
        "csv", "FILE", "Writes a row for each combination.")
    static let top = CommandOption.value(
        "top", "N", "How many combinations a sweep shows.", default: "10")
    static let keep = CommandOption.flag(
        "keep", "Keeps log and tables as of any other run, for why, orders and ledger.")
    static let split = CommandOption.value(
        "split", "DAY", "Tells what came before this day from what came since.")

    static let off = CommandOption.flag("off", "Lets strategies open positions again.")
    static let killAccount = CommandOption.value(
        "account", "ID", "Of this account alone.")
    static let killStrategy = CommandOption.value(
        "strategy", "NAME", "Of this strategy or rule alone: it buys nothing, and may sell.")
    static let flatten = CommandOption.flag(
        "flatten", "Sells whatever is held too, at any price; asks first.")
    static let holdExits = CommandOption.flag(
        "hold-exits", "Keeps exits from selling too.")
    static let yes = CommandOption.flag("yes", "Does not ask.")
    static let reason = CommandOption.value("reason", "TEXT", "Why: kept on record.")
    static let account = CommandOption.value(
        "account", "ID", "Of this account, where SYMBOL@TIME is asked for.")
    static let order = CommandArgument(
        "ORDER", "An order's number or client order id, its beginning at least; or SYMBOL@TIME.")

    static let share = CommandOption.value(
        "share", "PERCENT", "On this share of the instruments alone: a canary.")
    static let drop = CommandOption.flag(
        "drop", "Ends the version that is no longer heard, instead of keeping it as a shadow.")
    static let strategy = CommandArgument(
        "NAME", "A strategy with a candidate, as the configuration names it.")
    static let anyServer = CommandArgument(
        "NAME", "A strategy that is a server, as the configuration names it.")
    static let openOrder = CommandArgument(
        "ORDER", "An order's number, or the beginning of its client order id.")
    static let found = CommandOption.value(
        "as", "WHAT", "What you found at the broker: none, or the broker's own number of it.")
    static let price = CommandOption.value(
        "price", "P", "The limit price that the order is to have.")
    static let quantity = CommandOption.value(
        "quantity", "N", "All of the order as it is to be, what is filled included.")
    static let accountName = CommandArgument(
        "ACCOUNT", "An account, as the configuration names it.")
    static let server = CommandArgument("NAME", "A strategy server, as the configuration names it.")

    static let piece = CommandArgument(
        "NAME|FILE",
        "An entry of the configuration, or a file with 'strategies:' and 'rules:' of its own.")
    static let rulesFile = CommandArgument(
        "FILE", "A file with 'rules:'; without it those of the configuration.", .optional)
    static let name = CommandArgument("NAME", "A strategy or rule of the run.")
    static let assignments = CommandArgument(
        "KEY=VALUE", "A parameter, or another key of its entry.", .any)
    static let names = CommandArgument("NAME", "Strategies or rules of the run.", .any)
    static let dryRun = CommandOption.flag(
        "dry-run", "Shows what would change, and changes nothing.")

    static let address = CommandArgument(
        "ADDRESS",
        "Where the server listens: unix:PATH or HOST:PORT; with --launch any free socket.",
        .optional)
    static let newAddress = CommandArgument(
        "ADDRESS",
        "Where the new version listens; without it and --launch the configured candidate anew.",
        .optional)
    static let newLaunch = CommandOption.rest(
        "launch", "CMD", "Starts the new version, in the configuration's folder.")
    static let newSet = CommandOption.repeated(
        "set", "NAME=VALUE", "A parameter of it, beside the strategy's.")
    static let list = CommandOption.flag("list", "Lists the checks and asks nothing.")
    static let only = CommandOption.repeated("only", "NAME", "Asks this check alone.")
    static let set = CommandOption.repeated(
        "set", "NAME=VALUE", "A parameter of the server, in every session.")
    static let launch = CommandOption.rest(
        "launch", "CMD", "Starts the server, and starts it anew where a check needs that.")

    static let data = CommandOption.value(
        "data", "FILE",
        "Replays this .csv or .csv.gz of ticks, quotes or candles, not a configuration's feeds.")
    static let interval = CommandOption.value(
        "interval", "LENGTH", "Of the file's candles; else the shortest distance of two rows.")
    static let symbol = CommandOption.value(
        "symbol", "NAME", "Of the rows of a file without a symbol column.")
    static let market = CommandOption.value(
        "market", "NAME", "Of the file's symbols: KR, US, ...; it sets their time zone.")
    static let cuts = CommandOption.value(
        "cuts", "N", "Places at which the future is cut off.", default: "20")
    static let events = CommandOption.value(
        "events", "N", "Events that are replayed at most, from the first.", default: "50000")
    static let allow = CommandOption.repeated(
        "allow", "CAUSE",
        "Does not count it: chance, clock, process, memory, future, ends, recording.")
    static let indicators = CommandOption.repeated(
        "of", "LIST", "What to calculate: sma:20,rsi:14,macd:12:26:9,bollinger:20:2 …")
    static let csv = CommandOption.flag(
        "csv", "Prints CSV: the file's columns, then one for each output, exactly.")
    static let column = CommandOption.repeated(
        "column", "FIELD=NAME",
        "Which column is what: open, high, low, close, volume, symbol, time.")
    static let zone = CommandOption.value(
        "zone", "ZONE", "In which the day of a number since 1970 begins.", default: "UTC")
    static let bars = CommandArgument(
        "FILE", "Bars or ticks in CSV, plain or gzip; without it: what indicators there are.",
        .optional)

    static let seeds = CommandOption.value(
        "seeds", "RANGE", "How many seeds, from 1, or FIRST..<LAST.", default: "10000")
    static let seed = CommandOption.value("seed", "S", "One seed alone.")
    static let history = CommandOption.flag("history", "Shows what happened in the seed's run.")
    static let prints = CommandOption.flag(
        "prints", "Shows the market's prints and the log's flushes too.")
    static let without = CommandOption.repeated(
        "without", "KINDS", "Leaves these kinds of faults out: request-lost,crash.")
    static let skip = CommandOption.value(
        "skip", "NUMBERS", "Leaves single faults out, by their numbers in the run: 3,7-12.")
    static let until = CommandOption.value(
        "until", "STEP", "Strategies say nothing behind this step.")
    static let whole = CommandOption.flag(
        "whole", "Does not look for something smaller that fails like a failing seed.")

    static let backupPlace = CommandArgument(
        "FOLDER", "The backup: a folder that is not there yet, or one that was made so.")
    static let allRuns = CommandOption.flag("all", "Every run of the folder.")
    static let recordKind = CommandOption.repeated(
        "kind", "KIND", "Records of this kind, or what they say of it: order, fill, signal, risk …")
    static let ofOrder = CommandOption.value(
        "order", "NUMBER", "What is said of this order, and what led to it.")
    static let fromRecord = CommandOption.value("from", "RECORD", "Begins with this record.")
    static let limit = CommandOption.value("limit", "N", "Shows so many records at most.")
}
