import Brokers
import Foundation
import PaperExchange
import Platform
import Ports
import TradingModel

/// An option's value that makes no sense.
struct OptionError: Error, CustomStringConvertible { let description: String }

/// What can be typed behind `madang-sim`.
struct SimulatorOptions {
    private static let port = CommandOption.value(
        "port", "PORT", "Of HTTP; 0: any that is free.", default: "0")
    private static let streamPort = CommandOption.value(
        "stream-port", "PORT", "Of the WebSocket stream; 0: any that is free.", default: "0")
    private static let all = CommandOption.flag(
        "open-to-all", "Listens on every address of the machine, without TLS.")
    private static let seed = CommandOption.value(
        "seed", "N", "Of fills, market and faults.", default: "1")
    private static let symbol = CommandOption.repeated(
        "symbol", "SYMBOL", "A stock with the price steps of KRX. [default: KR0001, KR0002]")
    private static let cash = CommandOption.value(
        "cash", "WON", "At the start.", default: "200000000")
    private static let fee = CommandOption.value(
        "fee-bps", "N", "Of a fill's value, in basis points.", default: "5")
    private static let tax = CommandOption.value(
        "sell-tax-bps", "N", "Of a sale's value, in basis points; told apart in its fee.",
        default: "0")
    private static let parts = CommandOption.flag("partial-fills", "Fills orders in parts.")
    private static let noFunds = CommandOption.flag(
        "lend", "Takes orders that cash or holdings do not cover.")
    private static let clientIDs = CommandOption.value(
        "client-ids", "WHICH", "What becomes of client order ids.", default: "always",
        allowed: ["none", "open", "always"])
    private static let fills = CommandOption.value(
        "fill-history", "WHICH", "Whether fills can be asked for.", default: "each",
        allowed: ["each", "totals"])
    private static let changes = CommandOption.value(
        "changes", "WHICH",
        "What becomes of the number of an order that is changed; none: it cannot be.",
        default: "keep", allowed: ["none", "keep", "new"])
    private static let orderTypes = CommandOption.value(
        "order-types", "WHICH", "Which orders are taken.", default: "both",
        allowed: ["both", "market", "limit"])
    private static let unit = CommandOption.value(
        "unit", "N", "Quantities are multiples of it.", default: "1")
    private static let hours = CommandOption.value(
        "hours", "HH:MM-HH:MM", "When orders and changes are taken, by its market's time in Seoul.")
    private static let orderLife = CommandOption.value(
        "order-life", "SECONDS",
        "How long an order stays open, by its market's time; 0: until it is filled or cancelled.",
        default: "0")
    private static let noResume = CommandOption.flag(
        "no-resume", "A new line of the stream is not told what it missed.")
    private static let life = CommandOption.value(
        "token-life", "SECONDS", "How long a login lasts.", default: "86400")
    private static let uses = CommandOption.value(
        "token-uses", "N", "Requests that a login is good for; 0: any number.", default: "0")
    private static let rate = CommandOption.value(
        "rate", "N", "Requests a second; 0: any number.", default: "0")
    private static let walk = CommandOption.value(
        "walk", "MS", "Makes a market of its own, a print each so many ms.")

    private static let realTime = CommandOption.flag(
        "real-time",
        "Its market's time is the machine's; else a second passes with each print.")

    static let untilEOF = CommandOption.flag(
        "until-eof", "Ends when its standard input does: with whoever started it.")

    static let command = Command(
        "madang-sim", "A simulated broker over HTTP and WebSocket that misbehaves on demand.",
        examples: [
            "madang-sim --port 8800 --stream-port 8801 --walk 500",
            "madang-sim --client-ids none --fill-history totals --partial-fills",
        ],
        options: [
            port, streamPort, all, seed, symbol, cash, fee, tax, parts, noFunds, clientIDs,
            fills, changes, orderTypes, unit, hours, orderLife, noResume, life, uses, rate, walk,
            realTime,
            untilEOF,
        ])

    let settings: SimulatedVenue.Settings
    let ports: SimulatorService.Ports
    /// From `MADANG_SIM_CONTROL`: an argument would stand in the process list.
    let control: String?
    /// ns between the prints of its own market.
    let pace: Int64?

    init(_ command: CommandInvocation) throws(OptionError) {
        func wrong(_ option: CommandOption, _ what: String) -> OptionError {
            OptionError(description: "--\(option.name) \(what); see madang-sim --help")
        }
        func number<Number: FixedWidthInteger>(
            _ option: CommandOption, _ range: ClosedRange<Number>
        ) throws(OptionError) -> Number {
            guard let text = command.value(of: option), let number = Number(text),
                range.contains(number)
            else { throw wrong(option, "is \(range.lowerBound) to \(range.upperBound)") }
            return number
        }
        /// Millionths of a basis point, as the configuration of a broker reads them.
        func basisPoints(_ option: CommandOption) throws(OptionError) -> Int64 {
            guard let text = command.value(of: option),
                let share = parseDecimal(text.utf8, scale: 6).flatMap({ Int64(exactly: $0) }),
                (0...1_000_000_000).contains(share)
            else { throw wrong(option, "is a number from 0 to 1000, up to six decimals") }
            return share
        }
        guard let cash = Money(command.value(of: Self.cash) ?? ""), cash > .zero,
            cash < PaperExchange.largestValue
        else { throw wrong(Self.cash, "is an amount above zero") }
        var symbols = command.values(of: Self.symbol)
        if symbols.isEmpty { symbols = ["KR0001", "KR0002"] }
        guard Set(symbols).count == symbols.count, !symbols.contains("") else {
            throw wrong(Self.symbol, "names each symbol once")
        }
        var terms = VenueTerms()
        terms.orderTypes =
            ["market": [.market], "limit": [.limit]][command.value(of: Self.orderTypes) ?? ""]
            ?? [.market, .limit]
        terms.unit = Quantity(
            units: try number(Self.unit, 1...1_000_000 as ClosedRange<Int64>) * fixedPointScale)
        if let text = command.value(of: Self.hours) {
            guard let hours = VenueTerms.Hours(text) else {
                throw wrong(Self.hours, "is hours such as 09:00-15:30")
            }
            terms.hours = hours
        }
        var exchange = PaperExchange.Settings(
            feeMicroBasisPoints: try basisPoints(Self.fee),
            partialFills: command.has(Self.parts), seed: try number(Self.seed, 0...UInt64.max))
        exchange.sellTaxMicroBasisPoints = try basisPoints(Self.tax)
        let environment = ProcessInfo.processInfo.environment
        settings = SimulatedVenue.Settings(
            account: PaperAccount.Settings(
                exchange: exchange, account: AccountID(0), currency: "KRW", cash: cash,
                checksFunds: !command.has(Self.noFunds)),
            instruments: symbols.enumerated().map { index, symbol in
                Instrument(
                    id: InstrumentID(index), symbol: symbol, market: "KR", currency: "KRW",
                    ladder: .krx, lot: Quantity(units: fixedPointScale), timeZone: "Asia/Seoul")
            },
            clientIDs: ["none": .none, "open": .whileOpen][command.value(of: Self.clientIDs) ?? ""]
                ?? BrokerCapabilities.ClientOrderIDs.always,
            fillHistory: command.value(of: Self.fills) == "totals" ? .totals : .each,
            changes: ["none": .none, "new": .makeNumber][command.value(of: Self.changes) ?? ""]
                ?? BrokerCapabilities.Changes.keepNumber,
            terms: terms,
            orderLife: try number(Self.orderLife, 0...31_536_000) * 1_000_000_000,
            isResumable: !command.has(Self.noResume),
            tokenLife: try number(Self.life, 1...31_536_000) * 1_000_000_000,
            tokenUses: try number(Self.uses, 0...1_000_000),
            rate: try number(Self.rate, 0...1_000_000), seed: try number(Self.seed, 0...UInt64.max),
            key: environment["MADANG_SIM_KEY"] ?? "demo",
            secret: environment["MADANG_SIM_SECRET"] ?? "demo",
            isRealTime: command.has(Self.realTime))
        ports = SimulatorService.Ports(
            http: try number(Self.port, 0...UInt16.max),
            stream: try number(Self.streamPort, 0...UInt16.max), isOpenToAll: command.has(Self.all))
        control = environment["MADANG_SIM_CONTROL"]
        pace =
            command.value(of: Self.walk) == nil
            ? nil : try number(Self.walk, 1...3_600_000) * 1_000_000
    }
}
