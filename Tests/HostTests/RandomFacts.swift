import Kernel
import TestKit
import TradingModel

extension Fact {
    /// A fact of kind 0...18 with contents from everywhere in their ranges.
    static func random(kind: Int, _ random: inout SeededRandom) -> Fact {
        let desk = DeskKey(
            account: AccountID(Int.random(in: 0...3, using: &random)),
            instrument: InstrumentID(Int.random(in: 0...70_000, using: &random)))
        let position = EventPosition(random.next())
        let number = OrderNumber(random.next())
        let source = SourceID(Int.random(in: 0...9, using: &random))
        let key = VoteKey(
            desk: desk, source: source, position: position,
            index: Int(truncatingIfNeeded: random.next()))
        let status = random.pick(SignalStatus.allCases)
        switch kind {
        case 0:
            let signal = Signal(
                source: source, account: desk.account, instrument: desk.instrument,
                position: position,
                index: key.index, result: .wild(&random), entryTime: .wild(&random),
                arrivalTime: .wild(&random))
            return .signal(signal, status)
        case 1: return .voteEnded(key, status, detail: .words(.wild(&random)))
        case 2: return .roundOpened(desk, at: position, deadline: .wild(&random))
        case 3:
            let side = random.pick([Side.buy, .sell, nil])
            return .roundClosed(
                desk,
                RoundOutcome(
                    position: position, side: side, conflict: random.oneIn(2),
                    detail: .words(.wild(&random))))
        case 4:
            return .risk(
                RiskDecision(
                    desk: desk, position: position, approved: random.oneIn(2), rule: .wild(&random),
                    detail: .words(.wild(&random))))
        case 5:
            return .ordered(.wild(number, desk, source, at: position, &random))
        case 6: return .submitted(number, BrokerOrderID(.wild(&random)))
        case 7:
            let state =
                OrderMachine.State(rawValue: UInt8.random(in: 0...8, using: &random)) ?? .failed
            return .orderEnded(number, state, reason: .wild(&random))
        case 8:
            let fill = Fill(
                order: number, id: UInt32(truncatingIfNeeded: random.next()),
                price: Price(units: .wild(&random)),
                quantity: Quantity(units: .wild(&random)), fee: .wild(&random), time: .wild(&random)
            )
            let tax: Money? = random.oneIn(2) ? nil : .wild(&random)
            return .filled(
                fill.taxed(tax),
                Booking(
                    realised: .wild(&random), positionAfter: Quantity(units: .wild(&random)),
                    costAfter: .wild(&random), cashAfter: .wild(&random)))
        case 9: return .contradiction(number, .wild(&random))
        case 10: return .dayStarted(desk.account, day: .wild(&random), equity: .wild(&random))
        case 11:
            let scopes: [KillScope] = [
                .all, .account(AccountID(Int(random.next() % 3))),
                .source(SourceID(Int(random.next() % 3))),
            ]
            return .killed(
                random.oneIn(2), scopes[Int(random.next() % 3)], reason: .wild(&random))
        case 12:
            guard case .signal(let signal, _) = Fact.random(kind: 0, &random) else { break }
            return .opened(signal, deadline: .wild(&random))
        case 13: return .inDoubt(number, reason: .wild(&random))
        case 14: return .cancelAsked(number, reason: .wild(&random))
        case 16: return .exit(.random(desk, source, number, &random))
        case 17:
            return .limitPassed(
                LimitPassed(
                    account: desk.account, instrument: random.oneIn(2) ? nil : desk.instrument,
                    limit: WatchedLimit.allCases.randomElement(using: &random) ?? .dayLoss,
                    detail: .words(.wild(&random))))
        case 18: return .corrected(.random(desk, &random))
        case 19: return .change(.random(number, at: position, &random))
        default: break
        }
        return .acted(
            RoundAction(
                .wild(number, desk, source, at: position, &random),
                position: EventPosition(random.next()),
                index: Int(truncatingIfNeeded: random.next()), freeCash: .wild(&random)))
    }
}

extension Correction {
    fileprivate static func random(_ desk: DeskKey, _ random: inout SeededRandom) -> Correction {
        let difference: Difference =
            random.oneIn(2)
            ? .cash(books: .wild(&random), stated: .wild(&random))
            : .holding(
                desk.instrument, books: Quantity(units: .wild(&random)),
                stated: Quantity(units: .wild(&random)))
        let order = CorrectionOrder(
            account: desk.account, broker: Int.random(in: 0...3, using: &random),
            named: .wild(&random), difference, by: random.oneIn(2) ? .person : .configuration,
            reason: .wild(&random), at: .wild(&random))
        return Correction(
            order, positionBefore: Quantity(units: .wild(&random)),
            positionAfter: Quantity(units: .wild(&random)), costBefore: .wild(&random),
            costAfter: .wild(&random), cashBefore: .wild(&random), cashAfter: .wild(&random),
            worth: .wild(&random))
    }
}

extension ExitFact {
    fileprivate static func random(
        _ desk: DeskKey, _ source: SourceID, _ number: OrderNumber, _ random: inout SeededRandom
    ) -> ExitFact {
        let tier = Int.random(in: 0...20, using: &random)
        let (price, other) = (Price(units: .wild(&random)), Price(units: .wild(&random)))
        switch Int.random(in: 0..<10, using: &random) {
        case 8:
            let limits = DayLimits(lower: price, upper: other, day: .wild(&random))
            return .dayLimits(desk.instrument, limits)
        case 0:
            return .armed(
                desk, plan: random.oneIn(4) ? ExitSettings.everything : tier, source: source,
                price: price,
                quantity: Quantity(units: .wild(&random)))
        case 1: return .fired(desk, plan: tier, tier: 20 - tier, price: price)
        case 2: return .assigned(desk, number, tier: tier, at: .wild(&random))
        case 3: return .doubted(desk, price: price, since: other)
        case 4: return .believed(desk)
        case 5: return .held(random.oneIn(2), reason: .wild(&random))
        case 6: return .halted(desk.instrument, random.oneIn(2))
        case 7:
            return .flattening(desk.account, random.oneIn(2), reason: .wild(&random))
        default: return .split(desk.instrument, new: .wild(&random), old: .wild(&random))
        }
    }
}

extension OrderDecision {
    fileprivate static func wild(
        _ number: OrderNumber, _ desk: DeskKey, _ source: SourceID, at position: EventPosition,
        _ random: inout SeededRandom
    ) -> OrderDecision {
        let order = Order(
            number: number, account: desk.account, instrument: desk.instrument,
            side: random.oneIn(2) ? .buy : .sell, quantity: Quantity(units: .wild(&random)),
            limit: random.oneIn(2) ? nil : Price(units: .wild(&random)))
        return OrderDecision(
            order: order, source: source, position: position,
            confidence: .of(Int64.random(in: 0...1_000_000, using: &random)),
            reference: Price(units: .wild(&random)), reserved: .wild(&random),
            detail: .words(.wild(&random)))
    }
}

extension Int64 {
    static func wild(_ random: inout SeededRandom) -> Int64 {
        random.oneIn(4) ? random.pick([.min, -1, 0, 1, .max]) : Int64(bitPattern: random.next())
    }
}

extension Money {
    static func wild(_ random: inout SeededRandom) -> Money {
        if random.oneIn(4) { return Money(units: random.pick([.min, -1, 0, 1, .max])) }
        return Money(
            units: Int128(truncatingIfNeeded: random.next()) << 64
                | Int128(truncatingIfNeeded: random.next()))
    }
}

extension Timestamp {
    static func wild(_ random: inout SeededRandom) -> Timestamp {
        Timestamp(nanoseconds: .wild(&random))
    }
}

extension String {
    static func wild(_ random: inout SeededRandom) -> String {
        random.pick([
            "", "a", "two words", "값이 좋다", "\0\u{1F600}", String(repeating: "long ", count: 60),
        ])
    }
}

extension StrategyResult {
    static func wild(_ random: inout SeededRandom) -> StrategyResult {
        let sizes: [Size] = [
            .attachment, .quantity(Quantity(units: .wild(&random))),
            .targetWeight(millionths: .wild(&random)),
            .fraction(millionths: .wild(&random)),
        ]
        return StrategyResult(
            random.pick(Action.allCases), size: random.pick(sizes),
            limit: random.oneIn(2) ? nil : Price(units: .wild(&random)),
            confidence: .of(Int64.random(in: 0...1_000_000, using: &random)),
            validity: random.oneIn(2) ? .untilNextCandle : .duration(Nanoseconds(.wild(&random))),
            message: .wild(&random),
            reasons: (0..<Int.random(in: 0...3, using: &random)).map { _ in .wild(&random) },
            tags: (0..<Int.random(in: 0...3, using: &random)).map { _ in .wild(&random) })
    }
}

extension ChangeFact {
    fileprivate static func random(
        _ number: OrderNumber, at position: EventPosition, _ random: inout SeededRandom
    ) -> ChangeFact {
        func terms(_ random: inout SeededRandom) -> OrderChange {
            OrderChange(
                limit: Price(units: .wild(&random)), quantity: Quantity(units: .wild(&random)))
        }
        func decision(_ random: inout SeededRandom) -> ChangeDecision {
            ChangeDecision(
                number: number, before: terms(&random), after: terms(&random),
                opens: random.oneIn(2), reserved: .wild(&random), position: position,
                rule: .wild(&random), detail: .words(.wild(&random)))
        }
        return switch Int.random(in: 0...3, using: &random) {
        case 0: .asked(decision(&random))
        case 1: .notApproved(decision(&random))
        case 2: .taken(number, terms(&random), BrokerOrderID(.wild(&random)))
        default: .refused(number, terms(&random), reason: .wild(&random))
        }
    }
}
