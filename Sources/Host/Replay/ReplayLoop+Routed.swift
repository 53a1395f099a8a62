import Kernel
import TradingModel

/// Runs whose orders went to brokers outside: what those and their desks said stands among the facts.
extension ReplayLoop {
    /// Gives what came from outside each time that the log has something which did not come by itself.
    ///
    /// Kernel, guards and desks answered each other until none had anything to say, so what one of them said
    /// shows when the other was asked.
    /// - Parameter place: Where guards are asked, unless the log says another.
    mutating func giveRouted(_ facts: [Fact], _ entry: Timestamp, at place: EventPosition) {
        if facts.contains(where: Self.saysThrough) { isThrough = true }
        let place = facts.lazy.compactMap(Self.placeOfExit).first ?? place
        var given: [ServerResult] = []
        // Once they have parted, facts do not say any more who is to be asked.
        var isParted = false
        for index in facts.indices {
            if !isParted, engine.facts.count <= index {
                give(facts[index...], entry, at: place, &given, isParted: false)
            } else if isParted {
                give(facts[index...index], entry, at: place, &given, isParted: true)
            }
            let came = engine.facts.count > index ? engine.facts[index] : nil
            if came != facts[index] { isParted = true }
        }
        tend(entry, at: place)
    }

    /// Behind the last price guards are asked no more.
    private static func saysThrough(_ fact: Fact) -> Bool {
        if case .cancelAsked(_, RunState.through) = fact { true } else { false }
    }

    private static func placeOfExit(_ fact: Fact) -> EventPosition? {
        if case .risk(let decision) = fact, decision.rule == "exit" {
            decision.position
        } else {
            nil
        }
    }

    /// - Parameter facts: The first is the next one of the log; it says what is due, or those behind it do.
    private mutating func give(
        _ facts: ArraySlice<Fact>, _ entry: Timestamp, at place: EventPosition,
        _ given: inout [ServerResult], isParted: Bool
    ) {
        guard let fact = facts.first else { return }
        switch fact {
        case .signal, .opened, .roundClosed, .acted, .killed, .corrected, .change(.asked),
            .change(.notApproved):
            give(RecordInput(fact, engine.kernel.plan), entry, &given)
        case .voteEnded:
            // Ended by the result, or with the round, that comes behind it.
            guard !isParted else { return }
            let plan = engine.kernel.plan
            give(facts.lazy.compactMap { RecordInput($0, plan) }.first, entry, &given)
        case .exit(let exit):
            guard let order = ExitOrder(exit, engine.kernel.plan) else {
                return tend(entry, at: place)
            }
            // A guard believes by itself too. What only people say comes before guards are asked: of an order that sells
            // several accounts out, one would fire before the next is told.
            if order.isBelief { tend(entry, at: place) }
            guard !engine.facts.contains(fact) else { return }
            comparison.took("exits")
            _ = engine.take(order)
        case .risk, .ordered: tend(entry, at: place)
        case .cancelAsked(_, let reason) where PositionGuard.says(reason): tend(entry, at: place)
        // By the event alone, if it comes.
        case .cancelAsked(_, let reason)
        where WatchedLimit.says(reason) || OrderAge.says(reason): break
        case .contradiction:
            // It changes nothing, and what was contradicted is not written down.
            comparison.took("report")
            engine.note(fact)
        case .submitted, .orderEnded, .filled, .inDoubt, .cancelAsked, .change:
            guard let report = BrokerReport(fact) else { return }
            comparison.took("report")
            engine.hear(report)
        case .roundOpened, .dayStarted, .limitPassed: break
        }
    }

    private mutating func tend(_ entry: Timestamp, at place: EventPosition) {
        guard !isThrough else { return }
        engine.tendExitsOutside(at: place, now: entry)
    }

    private mutating func give(
        _ input: RecordInput?, _ entry: Timestamp, _ given: inout [ServerResult]
    ) {
        switch input {
        case .result(let result):
            guard !given.contains(where: { $0.isSame(as: result) }) else { return }
            given.append(result)
            give(result, now: entry)
        case .closing(let desk, let position): close(desk, at: position, now: entry)
        case .kill(let on, let scope, let reason):
            hearPeople(.kill(on, scope, reason: reason))
        case .correction(let order): hearPeople(.correction(order))
        case .change(let decision): hearPeople(.change(decision))
        case .exits, nil: break
        }
    }
}

extension BrokerReport {
    /// What a desk said that this fact came of; `nil` for facts of another kind.
    fileprivate init?(_ fact: Fact) {
        switch fact {
        case .submitted(let number, let id): self = .accepted(number, id)
        case .filled(let fill, _): self = .filled(fill)
        case .inDoubt(let number, let reason): self = .unknown(number, reason: reason)
        case .cancelAsked(let number, let reason): self = .cancelAsked(number, reason: reason)
        case .change(.taken(let number, let change, let id)):
            self = .changed(number, change, id)
        case .change(.refused(let number, let change, let reason)):
            self = .changeRefused(number, change, reason: reason)
        case .orderEnded(let number, let state, let reason):
            switch state {
            case .rejected: self = .rejected(number, reason: reason)
            case .cancelled: self = .cancelled(number, reason: reason)
            case .expired: self = .expired(number, reason: reason)
            case .failed: self = .failed(number, reason: reason)
            default: return nil
            }
        default: return nil
        }
    }
}
