import TestKit
import TradingModel

@testable import Kernel

/// Ten shares at 1,000 won, guarded.
struct ExitHolder: ~Copyable {
    var kernel: Kernel
    var effects = Effects()
    private(set) var step: UInt64 = 0
    static let key = DeskKey(account: AccountID(0), instrument: InstrumentID(0))

    init(_ plan: ExitPlan = .threeTier) {
        var terms = KernelPlan.sample(
            sources: [SourcePlan(name: "far", kind: .server)], attachments: [.sample(0)],
            arbiter: ArbiterPlan(policy: .first))
        terms.exits.plans = [plan]
        terms.exits.general = .plan(0)
        self.init(terms)
    }
    init(_ terms: KernelPlan) { kernel = Kernel(terms) }

    /// Two servers that add to each other's positions: the first has no plan, the second has one.
    static var bareAndPlanned: KernelPlan {
        var terms = KernelPlan.sample(
            cash: .won(100_000_000),
            sources: ["bare", "planned"].map { SourcePlan(name: $0, kind: .server) },
            attachments: (0..<2).map { .sample($0, adds: true) },
            arbiter: ArbiterPlan(policy: .first))
        terms.exits.plans = [.threeTier]
        terms.exits.sources = [SourceID(0): .off, SourceID(1): .plan(0)]
        return terms
    }
    mutating func tick(_ price: Int64, _ instrument: Int = 0) {
        step += 1
        let now = Timestamp.seconds(Int64(step))
        kernel.handle(
            Tick(
                instrument: InstrumentID(instrument), feedTime: now, price: .won(price),
                quantity: .shares(1)),
            at: EventPosition(step: step, index: 0), entry: now, into: &effects)
        kernel.tendExits(at: .endOfStep(step), now: now, into: &effects)
    }
    mutating func tend() {
        kernel.tendExits(
            at: .endOfStep(step), now: .seconds(Int64(step)), into: &effects)
    }
    /// A server wants to buy; its order is the last of the effects.
    mutating func order(by source: Int = 0, _ instrument: Int = 0, limit: Int64? = nil) {
        say(.buy, by: source, instrument, limit: limit)
    }
    mutating func say(
        _ action: Action, by source: Int = 0, _ instrument: Int = 0, limit: Int64? = nil
    ) {
        tick(1_000, instrument)
        hear(action, by: source, instrument, limit: limit)
    }
    /// A result that comes with no price.
    mutating func hear(
        _ action: Action, by source: Int = 0, _ instrument: Int = 0, limit: Int64? = nil
    ) {
        kernel.handle(
            ServerResult(
                source: SourceID(source), position: EventPosition(step: step, index: 0),
                instrument: InstrumentID(instrument), index: 0,
                result: StrategyResult(
                    action, limit: limit.map { .won($0) }, confidence: .full,
                    validity: .duration(.seconds(9))),
                entryTime: .seconds(Int64(step)), arrivalTime: .seconds(Int64(step))),
            now: .seconds(Int64(step)), into: &effects)
    }
    mutating func buy(_ instrument: Int = 0) {
        order(by: 0, instrument)
        if let order = effects.orders.last { fill(order, .shares(10), at: 1_000) }
        effects.removeAll()
    }
    mutating func fill(_ order: Order, _ quantity: Quantity, at price: Int64, id: UInt32 = 1) {
        kernel.handle(
            .filled(
                Fill(
                    order: order.number, id: id, price: .won(price), quantity: quantity,
                    fee: .zero, time: .zero)), into: &effects)
        tend()
    }
}
