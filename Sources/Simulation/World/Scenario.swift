package import Kernel
package import Orders
import Ports
package import TradingModel

/// What a seed stands for: who trades what, at which brokers, and how often things go wrong.
package struct Scenario: Sendable {
    package let seed: UInt64
    package let instruments: [Instrument]
    package let firstPrices: [Int64]
    package let sources: [SourcePlan]
    package let arbiter: ArbiterPlan
    package let limits: RiskLimits
    package let cash: Money
    package let addsToPosition: Bool
    package let brokers: [BrokerTerms]
    package let rates: [Fault: Int64]
    /// Between prints, and between looks of the weather.
    package let printEvery: ClosedRange<Nanoseconds>
    package let weatherEvery = Nanoseconds.seconds(4)
    /// Results in a thousand prints.
    package let talkative: Int64
    /// When faults and strategies stop.
    package let calmAfter: Nanoseconds
    /// After it everything must have come to rest.
    package let restWithin = Nanoseconds.seconds(900)
    /// An order that works longer is cancelled by hand.
    package let mostAge: Nanoseconds
    /// An order that waits longer is not sent.
    package let validity: Nanoseconds?
    package let kills: Bool
    /// Whether the adapter waits for its turn, so that the broker has no reason to complain.
    package let isPaced: Bool
    /// How long a placing may take.
    package let orderLimit: Nanoseconds
    /// Which broker takes an instrument's orders, and who takes over for one that is down.
    package let routes: Router.Settings
    /// What every position is left by; `nil`: by strategies alone.
    package let exits: ExitPlan?
    /// Whose positions nobody guards, where others are guarded.
    package let bare: SourceID?
    /// Shares are split while they are held, by this and that ratio, and not by chance alone. Not in all seeds: a split
    /// wants nobody to have an order, and ends what a seed was at.
    package let splitsHeld: Bool
    /// People say what is halted, and between which prices it trades.
    package let talksOfTrading: Bool
    /// Somebody else trades in the account, pays in and is paid; people correct the books.
    package let strangers: Strangers?

    package struct Strangers: Hashable, Sendable {
        /// What differs for long enough is corrected without a person.
        package var correctsItself: Bool
        /// Cash is known of one broker alone: with two, shares come and go without it.
        package var hasCash: Bool
        package var every: ClosedRange<Nanoseconds>
        package var reconcileEvery: Nanoseconds
    }

    package init(seed: UInt64) {
        self.seed = seed
        var draw = SeededStream(seed: seed, .scenario)
        let count = Int(draw.number(1...3))
        instruments = (0..<count).map(Self.instrument)
        firstPrices = (0..<count).map { _ in draw.number(40...900) * 100 }
        sources = (0..<Int(draw.number(2...4))).map { index in
            SourcePlan(
                name: ["cross", "model", "momentum", "breakout"][index], kind: .server,
                priority: index + 1, deadline: .milliseconds(800))
        }
        arbiter = ArbiterPlan(
            policy: draw.pick(ArbiterPlan.Policy.allCases), threshold: 100_000,
            holdsOnConflict: draw.oneIn(4))
        cash = Money(units: Int128(draw.number(2...40)) * 1_000_000 * Money.scale)
        limits = Self.limits(&draw, seed)
        addsToPosition = !draw.oneIn(3)
        var kinds = SeededStream(seed: seed, .changes)
        brokers = (0..<(draw.oneIn(3) ? 2 : 1)).map { Self.broker($0, &draw, &kinds) }
        let gap = draw.number(100...900)
        printEvery = Nanoseconds.milliseconds(gap)...Nanoseconds.milliseconds(gap * 3)
        talkative = draw.number(60...300)
        calmAfter = .seconds(draw.number(40...150))
        mostAge = .seconds(draw.number(15...60))
        validity = draw.oneIn(2) ? .seconds(draw.number(5...40)) : nil
        kills = draw.oneIn(2)
        isPaced = draw.oneIn(2)
        orderLimit = .seconds(draw.pick([10, 10, 2]))
        var routes = Router.Settings(primary: 0)
        if brokers.count > 1 {
            if count > 1, draw.oneIn(2) { routes.secondary[InstrumentID(1)] = 1 }
            if !draw.oneIn(3) { routes.failover = 1 }
        }
        self.routes = routes
        rates = Self.rates(&draw).merging(Self.strays(seed)) { _, own in own }
        exits = Self.exits(seed, routes)
        bare = Self.bare(seed, sources: sources.count)
        strangers = Self.strangers(seed, brokers)
        var shares = SeededStream(seed: seed, .splits)
        splitsHeld = exits != nil && shares.oneIn(2)
        var halts = SeededStream(seed: seed, .halts)
        talksOfTrading = halts.oneIn(4)
    }

    /// Where a broker sells what is not there, nobody could keep to what is held.
    private static func strangers(_ seed: UInt64, _ brokers: [BrokerTerms]) -> Strangers? {
        var draw = SeededStream(seed: seed, .strangers)
        guard brokers.allSatisfy(\.capabilities.checksFunds), draw.oneIn(2) else { return nil }
        let gap = draw.number(2...15)
        return Strangers(
            correctsItself: draw.oneIn(2), hasCash: brokers.count == 1,
            every: .seconds(gap)...(.seconds(gap * 3)),
            reconcileEvery: .seconds(draw.number(2...20)))
    }

    /// Near, for prices wander little in two minutes. What one broker holds is left there: an exit is not parted.
    private static func bare(_ seed: UInt64, sources: Int) -> SourceID? {
        var draw = SeededStream(seed: seed, .parts)
        guard sources > 1, draw.oneIn(3) else { return nil }
        return SourceID(Int(draw.number(0...Int64(sources - 1))))
    }

    private static func exits(_ seed: UInt64, _ routes: Router.Settings) -> ExitPlan? {
        var draw = SeededStream(seed: seed, .exits)
        guard routes.failover == nil, draw.oneIn(2) else { return nil }
        let plans = [
            ["-1% all", "+0.8% half", "+1.6% rest"], ["-0.6% all", "+1% rest"],
            ["-0.5% half", "-1.2% all", "+0.5% 30%"], ["trail 0.8% all", "+2% half"],
            ["-2% all", "trail 0.5% from +0.5% half"],
        ]
        return try? ExitPlan(reading: draw.pick(plans))
    }

    private static func instrument(_ index: Int) -> Instrument {
        Instrument(
            id: InstrumentID(index), symbol: ["005930", "000660", "035720"][index], market: "KR",
            currency: "KRW", ladder: .krx, lot: Quantity(units: fixedPointScale),
            timeZone: "Asia/Seoul")
    }

    private static func limits(_ draw: inout SeededStream, _ seed: UInt64) -> RiskLimits {
        func money(_ hundredThousands: Int64) -> Money {
            Money(units: Int128(hundredThousands) * 100_000 * Money.scale)
        }
        var limits = RiskLimits(
            orderValue: draw.oneIn(2) ? money(draw.number(5...40)) : nil,
            symbolValue: draw.oneIn(2) ? money(draw.number(10...80)) : nil,
            symbols: draw.oneIn(3) ? Int(draw.number(1...2)) : nil,
            priceBand: draw.oneIn(2) ? 30_000 : nil)
        // In some seeds: they keep orders from coming about, and orders are what is tried here.
        var spans = SeededStream(seed: seed, .limits)
        guard spans.oneIn(4) else { return limits }
        if spans.oneIn(2) { limits.dayValue = money(spans.number(30...200)) }
        if spans.oneIn(2) { limits.ordersPerMinute = Int(spans.number(2...10)) }
        if spans.oneIn(2) { limits.duplicateWithin = .seconds(spans.number(1...20)) }
        if spans.oneIn(2) { limits.coolDown = .seconds(spans.number(1...20)) }
        if spans.oneIn(4) { limits.dayLoss = spans.number(1...20) * 1_000 }
        if spans.oneIn(4) { limits.drawdown = spans.number(1...20) * 1_000 }
        if spans.oneIn(3) { limits.symbolWeight = spans.number(20...200) * 1_000 }
        if spans.oneIn(3) { limits.confidence = spans.number(100...500) * 1_000 }
        if spans.oneIn(2) { limits.orderAge = .seconds(spans.number(3...15)) }
        if spans.oneIn(3) { limits.priceAge = .milliseconds(spans.number(1...20) * 100) }
        return limits
    }

    private static func broker(
        _ index: Int, _ draw: inout SeededStream, _ kinds: inout SeededStream
    ) -> BrokerTerms {
        let changes: BrokerCapabilities.Changes = kinds.pick([
            .keepNumber, .makeNumber, .makeNumber, .keepNumber, .none,
        ])
        let ids: BrokerCapabilities.ClientOrderIDs = draw.pick([.always, .whileOpen, .none])
        let history: BrokerCapabilities.FillHistory = draw.oneIn(3) ? .totals : .each
        var terms = BrokerTerms(
            capabilities: BrokerCapabilities(
                name: ["east", "west"][index], clientOrderIDs: ids,
                orderTypes: [.market, .limit], units: .lots, hours: .always, fillHistory: history,
                checksFunds: !draw.oneIn(3), changes: changes),
            feeMicroBasisPoints: draw.pick([0, 1_500_000, 5_000_000]),
            sellTaxMicroBasisPoints: draw.pick([0, 15_000_000]),
            partialFills: !draw.oneIn(4), callsPerSecond: draw.pick([3, 18, 200]),
            seed: draw.next())
        // Where orders are found by their looks every one has to have its number told.
        terms.tellsAcceptance = ids == .none || !kinds.oneIn(3)
        return terms
    }

    /// Some seeds see nothing wrong, some see one kind, most see half of all kinds.
    private static func rates(_ draw: inout SeededStream) -> [Fault: Int64] {
        var rates: [Fault: Int64] = [:]
        let mood = draw.number(1...12)
        let single = draw.pick(Fault.usual)
        for fault in Fault.usual {
            let rate = draw.pick([8_000, 30_000, 90_000] as [Int64])
            let isOn = draw.oneIn(2)
            switch mood {
            case 1: break
            case 2, 3: if fault == single { rates[fault] = 120_000 }
            default: if isOn { rates[fault] = rate }
            }
            // These end a life: a host that does nothing else shows nothing.
            if fault == .crash { rates[fault] = rates[fault].map { $0 / 12 } }
            if fault == .diskFull { rates[fault] = rates[fault].map { $0 / 6 } }
            if fault == .crashInRecovery { rates[fault] = rates[fault].map { $0 * 3 } }
            if fault == .suffixLost { rates[fault] = rates[fault].map { _ in 500_000 } }
            if fault == .stepTorn { rates[fault] = rates[fault].map { _ in 500_000 } }
        }
        return rates
    }

    /// In some seeds: they keep buys from coming about.
    private static func strays(_ seed: UInt64) -> [Fault: Int64] {
        var draw = SeededStream(seed: seed, .ghosts)
        guard draw.oneIn(6) else { return [:] }
        return [.requestStray: draw.pick([40_000, 120_000]), .orderForgotten: 500_000]
    }

    package var plan: KernelPlan {
        let zone = ZoneOffsets(fixed: .seconds(9 * 3_600))
        let attachments = sources.indices.flatMap { source in
            instruments.map { instrument in
                Attachment(
                    source: SourceID(source), account: AccountID(0), instrument: instrument.id,
                    input: .ticks, quantity: Quantity(units: 10 * fixedPointScale),
                    addsToPosition: addsToPosition)
            }
        }
        var plan = KernelPlan(
            instruments: instruments, zones: instruments.map { _ in zone },
            accounts: [AccountPlan(name: "demo", currency: "KRW", cash: cash, zone: zone)],
            sources: sources, attachments: attachments, arbiter: arbiter, risk: limits,
            feeMicroBasisPoints: brokers.map(\.feeMicroBasisPoints).max() ?? 0)
        if let exits {
            plan.exits.plans = [exits]
            plan.exits.general = .plan(0)
            if let bare { plan.exits.sources[bare] = .off }
        }
        return plan
    }

    package var terms: History.Terms {
        var terms = History.Terms(
            seed: seed, instruments: instruments, sources: sources.map(\.name), cash: cash,
            limits: limits,
            brokers: brokers.map { terms in
                let can = terms.capabilities
                return History.Terms.Broker(
                    name: can.name, keepsFills: can.fillHistory == .each,
                    kind: "client ids \(can.clientOrderIDs), fills \(can.fillHistory), "
                        + (can.checksFunds ? "checks funds" : "checks no funds")
                        + ", changes \(can.changes)"
                        + (terms.tellsAcceptance ? "" : ", tells no acceptance")
                        + ", \(terms.callsPerSecond) calls/s")
            })
        terms.exits = exits
        terms.bare = bare
        terms.comparesAtStart = strangers != nil
        return terms
    }

    /// Patient or hasty, as the seed has it.
    package var deskSettings: [DeskSettings] {
        brokers.map { terms in
            var settings = DeskSettings()
            settings.feeMicroBasisPoints = terms.feeMicroBasisPoints
            settings.seed = seed
            settings.limits.order = orderLimit
            settings.reconcileEvery = strangers?.reconcileEvery
            // Few orders are asked for at once here: the list in their place is met all the same.
            settings.questionsAtOnce = [1, 2, 8][Int(seed % 3)]
            return settings
        }
    }
}
