import TradingModel

extension Fact {
    /// Calls `body` with what the fact says one by one, as it would have come apart.
    ///
    /// Who tells of facts reads parts: what rounds and orders are told as depends on nothing but what was decided.
    public func forEachPart<Failure: Error>(
        _ body: (Fact) throws(Failure) -> Void
    ) throws(Failure) {
        switch self {
        case .opened(let signal, let deadline):
            try body(.signal(signal, .pending))
            try body(.roundOpened(signal.key.desk, at: signal.position, deadline: deadline))
        case .acted(let action):
            try body(.roundClosed(action.desk, action.outcome))
            try body(.risk(action.approval))
            try body(.ordered(action.decision))
            try body(.voteEnded(action.vote, .used, detail: action.decision.detail))
        case .signal, .voteEnded, .roundOpened, .roundClosed, .risk, .ordered, .submitted,
            .orderEnded, .filled, .contradiction, .dayStarted, .killed, .inDoubt, .cancelAsked,
            .exit, .limitPassed, .corrected, .change:
            try body(self)
        }
    }
}

extension Sequence<Fact> {
    /// See ``Fact/forEachPart(_:)``.
    public var parts: [Fact] {
        var parts: [Fact] = []
        for fact in self { fact.forEachPart { parts.append($0) } }
        return parts
    }
}

extension RoundAction {
    fileprivate var outcome: RoundOutcome {
        RoundOutcome(
            position: decision.position, side: decision.order.side, conflict: false,
            detail: decision.detail)
    }
    fileprivate var approval: RiskDecision {
        RiskDecision(approving: decision, freeCash: freeCash)
    }
}

extension RiskDecision {
    /// What approved an order that was made.
    init(approving decision: OrderDecision, freeCash: Money) {
        let order = decision.order
        self.init(
            desk: DeskKey(account: order.account, instrument: order.instrument),
            position: decision.position, approved: true, rule: "all",
            detail: .approved(
                value: Money(order.limit ?? decision.reference, times: order.quantity),
                freeCash: freeCash))
    }
}
