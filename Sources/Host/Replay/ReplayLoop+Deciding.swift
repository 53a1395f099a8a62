import Kernel
import TradingModel

/// What is given to the engine, and when.
extension ReplayLoop {
    // MARK: As fast as possible

    /// Results are heard where the log has them; rounds end when the last of a step's was.
    mutating func decide(_ inputs: [RecordInput], isNew: Bool) {
        if isNew {
            engine.begin(step, entry: step.time)
            for input in inputs {
                switch input {
                case .result(let result): give(result, now: step.time)
                // Who hears of fills speaks when the rounds of the market's events are over.
                case .closing: engine.closeRounds(at: step.last, now: step.time)
                case .kill, .exits, .correction, .change: break
                }
            }
            engine.closeRounds(at: step.last, now: step.time)
            engine.sendOrders()
        }
        for input in inputs { hearPeople(input) }
    }

    mutating func hearPeople(_ input: RecordInput) {
        switch input {
        case .kill(let on, let scope, let reason):
            comparison.took("kill")
            _ = engine.kill(on, scope, reason: reason)
        case .exits(let order):
            guard !order.isBelief else { return }
            comparison.took("exits")
            _ = engine.take(order)
        case .correction(let order):
            comparison.took("correction")
            // Refused, it leaves nothing, and the log's own stands alone.
            _ = engine.correct(order)
        case .change(let decision):
            comparison.took("modify")
            _ = engine.change(
                decision.number, limit: decision.after.limit, quantity: decision.after.quantity,
                at: decision.position)
        case .result, .closing: break
        }
    }

    /// That a doubted price is right is said by a person between two steps, or by a guard within one: the person's
    /// record holds nothing else, and the guard says it by itself.
    mutating func hearBelief(_ inputs: [RecordInput], _ facts: [Fact], isNew: Bool) {
        guard !isNew || !engine.hasFacts,
            facts.allSatisfy({ if case .exit(.believed) = $0 { true } else { false } })
        else { return }
        for case .exits(let order) in inputs where order.isBelief {
            comparison.took("exits")
            _ = engine.take(order)
        }
    }

    // MARK: At a pace

    /// Every server is waited for, and none has answered: rounds end by themselves that wait for nobody.
    mutating func waitForServers() {
        for (index, source) in engine.kernel.plan.sources.enumerated() where source.kind == .server
        {
            for shard in 0..<source.shardCount {
                engine.setLive(true, SourceID(index), shard: shard, at: .start, now: .zero)
            }
        }
    }

    mutating func begin(at entry: Timestamp) {
        // The loop looks at deadlines and guards before each step, and it was later then.
        let before = EventPosition.endOfStep(step.number - 1)
        engine.advance(to: latest, at: before)
        if engine.isRouted { engine.tendExitsOutside(at: before, now: latest) }
        engine.begin(step, entry: entry)
    }

    mutating func decidePaced(
        _ facts: [Fact], _ inputs: [RecordInput], _ entry: Timestamp, isNew: Bool, isNoted: Bool
    ) {
        // Who the versions are is noted before.
        if !(isNoted && facts.isEmpty && !isNew) {
            voidWhatStood(forRecordOf: isNew ? nil : facts)
        }
        let origin =
            isNew
            ? RecordInput.origin(
                of: facts, step: step.number, engine.kernel.plan, isRouted: engine.isRouted)
            : .between
        // A step of which nothing came entered at a moment that nobody noted: with the earliest it could be,
        // nothing comes of it either, for what waits for a time to come does so no longer than for that.
        if isNew { begin(at: origin == .step ? entry : latest) }
        if engine.isRouted {
            // What people and brokers said between two steps was judged by its own time.
            if origin == .between { engine.note(entry) }
            giveRouted(facts, entry, at: origin == .between ? .endOfStep(reader.step) : step.last)
        } else {
            give(inputs, now: entry)
        }
        if origin != .between { engine.closeCovered(at: step.last, now: entry) }
        engine.sendOrders()
        if engine.isRouted { _ = engine.takeWishes() }
        latest = max(latest, entry)
    }

    private mutating func give(_ inputs: [RecordInput], now entry: Timestamp) {
        for input in inputs {
            switch input {
            case .result(let result): give(result, now: entry)
            case .closing(let desk, let position): close(desk, at: position, now: entry)
            case .kill, .exits, .correction, .change: hearPeople(input)
            }
        }
    }

    mutating func give(_ result: ServerResult, now: Timestamp) {
        comparison.took("result")
        engine.hear(result, of: classes.kind(at: result.position), now: now)
    }

    mutating func close(_ desk: DeskKey, at position: EventPosition, now: Timestamp) {
        guard engine.hasOpenRound(desk) else { return }
        comparison.took("closing")
        engine.closeRound(of: desk, at: position, now: now)
    }
}
