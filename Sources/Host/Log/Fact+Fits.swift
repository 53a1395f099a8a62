import Kernel
import TradingModel

extension Fact {
    /// Whether everything it names is in the plan, and its amounts are such as the books keep: what comes from
    /// a file is not trusted to.
    func fits(_ plan: KernelPlan) -> Bool {
        switch self {
        case .signal(let signal, _), .opened(let signal, _):
            plan.has(signal.key.desk) && plan.has(signal.source)
        case .voteEnded(let key, _, _): plan.has(key.desk) && plan.has(key.source)
        case .roundOpened(let desk, _, _), .roundClosed(let desk, _): plan.has(desk)
        case .risk(let decision): plan.has(decision.desk)
        case .ordered(let decision): decision.fits(plan)
        case .acted(let action): action.decision.fits(plan)
        case .dayStarted(let account, _, _): plan.accounts.indices.contains(Int(account.index))
        case .filled(let fill, let booking):
            fill.quantity.isPositive && booking.realised.isBookable
                && booking.costAfter.isBookable && booking.cashAfter.isBookable
        case .submitted, .orderEnded, .contradiction, .inDoubt, .cancelAsked: true
        case .killed(_, let scope, _): scope.fits(plan)
        case .exit(let fact): fact.fits(plan)
        case .change(let fact): fact.fits
        case .limitPassed(let passed):
            plan.accounts.indices.contains(Int(passed.account.index))
                && passed.instrument.map { plan.has($0) } ?? true
        case .corrected(let correction):
            plan.accounts.indices.contains(Int(correction.order.account.index))
                && correction.order.instrument.map { plan.has($0) } ?? true
                && correction.costAfter.isBookable && correction.cashAfter.isBookable
                && correction.worth.isBookable
        }
    }
}

extension ChangeFact {
    /// Of an order that is known or not: a fact of one that is not changes nothing.
    fileprivate var fits: Bool {
        switch self {
        case .asked(let decision), .notApproved(let decision):
            decision.after.fits && decision.before.fits && decision.reserved >= .zero
                && decision.reserved.isBookable
        case .taken(_, let change, _), .refused(_, let change, _): change.fits
        }
    }
}

extension OrderChange {
    fileprivate var fits: Bool { limit.units > 0 && quantity.isPositive }
}

extension KillScope {
    fileprivate func fits(_ plan: KernelPlan) -> Bool {
        switch self {
        case .all: true
        case .account(let account): plan.accounts.indices.contains(Int(account.index))
        case .source(let source): plan.has(source)
        }
    }
}

extension ExitFact {
    fileprivate func fits(_ plan: KernelPlan) -> Bool {
        switch self {
        case .armed(let desk, let index, let source, let price, let quantity):
            plan.has(desk) && plan.has(source) && plan.exits.plan(at: index) != nil
                && price.units > 0 && quantity.isPositive
        case .fired(let desk, let index, let tier, _):
            plan.has(desk) && plan.exits.plan(at: index)?.tiers.indices.contains(tier) == true
        case .assigned(let desk, _, let tier, _): plan.has(desk) && tier < ExitPlan.mostTiers
        case .doubted(let desk, _, _), .believed(let desk): plan.has(desk)
        case .held: true
        case .halted(let instrument, _), .dayLimits(let instrument, _): plan.has(instrument)
        case .split(let instrument, let new, let old): plan.has(instrument) && new > 0 && old > 0
        case .flattening(let account, _, _): plan.accounts.indices.contains(Int(account.index))
        }
    }
}

extension OrderDecision {
    fileprivate func fits(_ plan: KernelPlan) -> Bool {
        plan.has(source) && order.quantity.isPositive && reserved >= .zero && reserved.isBookable
            && plan.has(DeskKey(account: order.account, instrument: order.instrument))
    }
}

extension KernelPlan {
    fileprivate func has(_ desk: DeskKey) -> Bool {
        accounts.indices.contains(Int(desk.account.index))
            && instruments.indices.contains(Int(desk.instrument.index))
    }
    fileprivate func has(_ instrument: InstrumentID) -> Bool {
        instruments.indices.contains(Int(instrument.index))
    }
    fileprivate func has(_ source: SourceID) -> Bool {
        sources.indices.contains(Int(source.index))
    }
}

extension Money {
    fileprivate var isBookable: Bool {
        units.magnitude <= RiskGate.largestSum.units.magnitude
    }
}
