import Strategies
public import TradingModel

/// What a strategy is known by when the attachments change.
struct SeatKey: Hashable {
    let source: SourceID
    let desk: DeskKey
    init(_ attachment: Attachment) {
        source = attachment.source
        desk = DeskKey(account: attachment.account, instrument: attachment.instrument)
    }
    init(_ terms: Terms) {
        source = terms.source
        desk = DeskKey(account: terms.account, instrument: terms.instrument)
    }
    init(_ vote: VoteKey) {
        source = vote.source
        desk = vote.desk
    }
}

/// Another plan for a kernel, with its strategies that are new: fed with what came before them, as though
/// they had been there from the start; what they say meanwhile is heard by nobody.
///
/// One owner at a time.
public final class Entrants {
    public let plan: KernelPlan
    private(set) var slots: [SeatKey: StrategySlot] = [:]
    /// By instrument.
    private var onTicks: [[StrategySlot]]
    private var onCandles: [[(Interval, StrategySlot)]]
    private var heard: StrategyResult?

    /// - Parameter old: What is attached at present.
    public init(_ plan: KernelPlan, instead old: KernelPlan) {
        self.plan = plan
        onTicks = plan.instruments.map { _ in [] }
        onCandles = plan.instruments.map { _ in [] }
        let known = old.byKey
        for attachment in plan.attachments {
            let key = SeatKey(attachment)
            if let was = known[key], attachment.goesOn(from: was) { continue }
            guard let slot = attachment.strategy?.slot() else { continue }
            slots[key] = slot
            let instrument = Int(attachment.instrument.index)
            switch attachment.input {
            case .ticks: onTicks[instrument].append(slot)
            case .candles(let interval): onCandles[instrument].append((interval, slot))
            }
        }
    }

    /// Whether nobody is new: then nothing need be fed.
    public var isEmpty: Bool { slots.isEmpty }

    public func hear(_ tick: Tick) {
        for slot in onTicks[Int(tick.instrument.index)] {
            _ = slot.onTick(slot.state, tick, &heard)
        }
    }

    public func hear(_ event: MarketEvent) {
        switch event.kind {
        case .tick(let tick): hear(tick)
        case .candle(let candle):
            guard candle.isFinal else { return }
            for (interval, slot) in onCandles[Int(candle.instrument.index)]
            where interval == candle.interval {
                _ = slot.onCandle(slot.state, candle, &heard)
            }
        case .quote, .timer: break
        }
    }

    /// They begin: who takes the place of another has what is to go on.
    func begin(instead working: [SeatKey: StrategySlot], _ old: KernelPlan) {
        let known = old.byKey
        for attachment in plan.attachments {
            let key = SeatKey(attachment)
            guard var strategy = slots[key]?.value else { continue }
            strategy.begin()
            if known[key]?.input == attachment.input, let was = working[key] {
                strategy.takeOver(from: was.value)
            }
            slots[key] = strategy.slot()
        }
    }
}

extension Attachment {
    /// Whether its strategy is the same in the middle of its work: only what becomes of its results changes.
    func goesOn(from old: Attachment) -> Bool {
        recipe == old.recipe && input == old.input && (strategy == nil) == (old.strategy == nil)
    }
}

extension KernelPlan {
    var byKey: [SeatKey: Attachment] {
        Dictionary(attachments.map { (SeatKey($0), $0) }, uniquingKeysWith: { first, _ in first })
    }
}
