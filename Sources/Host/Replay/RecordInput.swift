import Kernel
import TradingModel

/// What of a record's facts came from outside: a replay is given it, and decides the rest.
enum RecordInput: Equatable {
    /// A strategy server's, with its entry and arrival times.
    case result(ServerResult)
    /// A round of this desk ended here. At a pace that hangs on how far servers had answered, and on the clock.
    case closing(DeskKey)
    case kill(Bool, reason: String)
    /// A person's word about exits.
    case exits(ExitOrder)

    /// In the order of the facts.
    static func all(of facts: [Fact], _ plan: KernelPlan) -> [RecordInput] {
        var found: [RecordInput] = []
        for fact in facts {
            guard let input = RecordInput(fact, plan) else { continue }
            switch input {
            // One result is a fact for each account, and a doubt is ended in all of them at once.
            case .result(let result):
                if found.contains(where: { $0.isResult(like: result) }) { continue }
            case .exits: if found.contains(input) { continue }
            case .closing, .kill: break
            }
            found.append(input)
        }
        return found
    }

    private init?(_ fact: Fact, _ plan: KernelPlan) {
        switch fact {
        case .signal(let signal, _), .opened(let signal, _):
            guard plan.sources[Int(signal.source.index)].kind == .server else { return nil }
            self = .result(
                ServerResult(
                    source: signal.source, position: signal.position,
                    instrument: signal.instrument, index: signal.index, result: signal.result,
                    entryTime: signal.entryTime, arrivalTime: signal.arrivalTime))
        case .roundClosed(let desk, _): self = .closing(desk)
        case .acted(let action): self = .closing(action.desk)
        case .killed(let on, let reason): self = .kill(on, reason: reason)
        case .exit(let fact):
            guard let order = ExitOrder(fact, plan) else { return nil }
            self = .exits(order)
        case .voteEnded, .roundOpened, .risk, .ordered, .submitted, .orderEnded, .filled,
            .contradiction, .dayStarted, .inDoubt, .cancelAsked:
            return nil
        }
    }

    private func isResult(like other: ServerResult) -> Bool {
        guard case .result(let own) = self else { return false }
        return own.source == other.source && own.position == other.position
            && own.instrument == other.instrument && own.index == other.index
    }

    /// Whether a record that is the first of its step was decided behind it, and its step caused nothing.
    ///
    /// The log does not tell these apart; what is heard between steps only does. It matters at a pace alone: such
    /// a record's entry is not the step's.
    static func isBetween(_ facts: [Fact], step: UInt64, _ plan: KernelPlan) -> Bool {
        let end = EventPosition.endOfStep(step)
        for fact in facts {
            switch fact {
            case .signal(let signal, _), .opened(let signal, _):
                return plan.sources[Int(signal.source.index)].kind == .server
            case .roundClosed(_, let outcome): return outcome.position == end
            case .acted(let action): return action.decision.position == end
            case .risk(let decision): return decision.position == end
            case .ordered(let decision): return decision.position == end
            case .killed, .exit(.held), .exit(.halted), .exit(.split): return true
            case .filled, .dayStarted, .exit: return false
            case .voteEnded, .roundOpened, .submitted, .orderEnded, .contradiction, .inDoubt,
                .cancelAsked:
                continue
            }
        }
        return facts.isEmpty
    }
}

extension ExitOrder {
    var isBelief: Bool { if case .believe = wish { true } else { false } }

    /// What a person asked for that this came of; `nil` for what guards decide by themselves.
    fileprivate init?(_ fact: ExitFact, _ plan: KernelPlan) {
        func symbol(_ id: InstrumentID) -> String { plan.instruments[Int(id.index)].symbol }
        switch fact {
        case .held(let on, let reason): self.init(number: 0, .hold(on), reason: reason)
        case .halted(let id, let on):
            self.init(number: 0, .halt(symbol: symbol(id), on), reason: "")
        case .split(let id, let new, let old):
            self.init(number: 0, .split(symbol: symbol(id), new: new, old: old), reason: "")
        case .believed(let desk):
            self.init(number: 0, .believe(symbol: symbol(desk.instrument)), reason: "")
        case .armed, .fired, .assigned, .doubted: return nil
        }
    }
}
