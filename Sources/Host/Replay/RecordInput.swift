import Kernel
import TradingModel

/// What of a record's facts came from outside: a replay is given it, and decides the rest.
enum RecordInput: Equatable {
    /// A strategy server's, with its entry and arrival times.
    case result(ServerResult)
    /// A round of this desk ended: at a pace that hangs on the clock, and on how far servers had answered, which is
    /// where it is said to have ended.
    case closing(DeskKey, at: EventPosition)
    case kill(Bool, KillScope, reason: String)
    /// A person's word about exits.
    case exits(ExitOrder)
    /// What a broker says is to be in the books.
    case correction(CorrectionOrder)
    /// A person's wish to change an order.
    case change(ChangeDecision)

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
            case .closing, .kill, .correction, .change: break
            }
            found.append(input)
        }
        return found
    }

    init?(_ fact: Fact, _ plan: KernelPlan) {
        switch fact {
        case .signal(let signal, _), .opened(let signal, _):
            guard plan.sources[Int(signal.source.index)].kind == .server else { return nil }
            self = .result(
                ServerResult(
                    source: signal.source, position: signal.position,
                    instrument: signal.instrument, index: signal.index, result: signal.result,
                    entryTime: signal.entryTime, arrivalTime: signal.arrivalTime))
        case .roundClosed(let desk, let outcome): self = .closing(desk, at: outcome.position)
        case .acted(let action): self = .closing(action.desk, at: action.decision.position)
        case .killed(let on, let scope, let reason): self = .kill(on, scope, reason: reason)
        case .exit(let fact):
            guard let order = ExitOrder(fact, plan) else { return nil }
            self = .exits(order)
        case .corrected(let correction): self = .correction(correction.order)
        case .change(.asked(let decision)), .change(.notApproved(let decision)):
            self = .change(decision)
        case .change, .voteEnded, .roundOpened, .risk, .ordered, .submitted, .orderEnded, .filled,
            .contradiction, .dayStarted, .inDoubt, .cancelAsked, .limitPassed:
            return nil
        }
    }

    private func isResult(like other: ServerResult) -> Bool {
        if case .result(let own) = self { own.isSame(as: other) } else { false }
    }

    /// What the first facts of a record came of.
    enum Origin {
        /// The step's own events.
        case step
        /// Rounds that ended, in the step or behind it.
        case closings
        /// What is heard between two steps.
        case between
    }

    /// What a record that is the first of its step came of: the step, or what followed a step of which nothing came.
    ///
    /// The log does not tell these apart, but they differ in what comes first. It matters at a pace alone: there the
    /// record's entry is the step's, or it is later.
    /// - Parameter isRouted: Fills and the like come from outside, between steps.
    static func origin(
        of facts: [Fact], step: UInt64, _ plan: KernelPlan, isRouted: Bool
    ) -> Origin {
        let end = EventPosition.endOfStep(step)
        for fact in facts {
            switch fact {
            case .signal(let signal, _), .opened(let signal, _):
                return plan.sources[Int(signal.source.index)].kind == .server ? .between : .step
            case .roundClosed, .acted: return .closings
            case .killed, .exit(.held), .exit(.halted), .exit(.dayLimits), .exit(.split),
                .exit(.flattening), .corrected, .change:
                return .between
            // Guards sell in a step, or where they heard of something behind it.
            case .risk(let decision): return decision.position == end ? .between : .step
            case .ordered(let decision): return decision.position == end ? .between : .step
            case .dayStarted, .limitPassed: return .step
            case .filled: return isRouted ? .between : .step
            case .submitted, .orderEnded, .contradiction, .inDoubt:
                if isRouted { return .between }
            case .cancelAsked(_, let reason)
            where WatchedLimit.says(reason) || OrderAge.says(reason): return .step
            case .voteEnded, .roundOpened, .cancelAsked, .exit: continue
            }
        }
        return facts.isEmpty ? .between : .step
    }
}

extension ServerResult {
    /// Whether it is the same thing said.
    func isSame(as other: ServerResult) -> Bool {
        source == other.source && position == other.position && instrument == other.instrument
            && index == other.index
    }
}

extension ExitOrder {
    var isBelief: Bool { if case .believe = wish { true } else { false } }

    /// What a person asked for that this came of; `nil` for what guards decide by themselves.
    init?(_ fact: ExitFact, _ plan: KernelPlan) {
        func symbol(_ id: InstrumentID) -> String { plan.instruments[Int(id.index)].symbol }
        switch fact {
        case .held(let on, let reason): self.init(number: 0, .hold(on), reason: reason)
        case .halted(let id, let on):
            self.init(number: 0, .halt(symbol: symbol(id), on), reason: "")
        case .dayLimits(let id, let limits):
            self.init(
                number: 0,
                .limits(
                    symbol: symbol(id), lower: limits?.lower.units, upper: limits?.upper.units),
                reason: "")
        case .split(let id, let new, let old):
            self.init(number: 0, .split(symbol: symbol(id), new: new, old: old), reason: "")
        case .believed(let desk):
            self.init(number: 0, .believe(symbol: symbol(desk.instrument)), reason: "")
        case .flattening(let account, let on, let reason):
            let name = plan.accounts[Int(account.index)].name
            self.init(number: 0, .flatten(account: name, on), reason: reason)
        case .armed, .fired, .assigned, .doubted: return nil
        }
    }
}
