import Kernel
import Orders
import Ports
import TradingModel

/// What people say of orders at brokers outside, and what stops a host by itself.
extension RunState {
    /// The kill switch: the counter stands already, the kernel and the desks hear of it here.
    mutating func hear(_ order: KillOrder, entry: Timestamp) throws(RunFailure) {
        let answer = turn(order, at: deskClock.time(entry.nanoseconds))
        try recordBetween(entry: entry, at: .endOfStep(lastStep))
        owedAnswers.append(
            OwedAnswer(record: writer.nextNumber - 1, what: .kill(order, answer)))
        giveAnswers()
    }

    mutating func turnKill(_ on: Bool, _ reason: String, at now: Timestamp) -> Int {
        if on { setup.control.kills.raise() }
        let isNew = on != engine.kernel.isKilled
        let withdrawn = engine.kill(on, reason: reason)
        if isNew { dispatcher?.kill(on, reason: reason, at: now) }
        return withdrawn
    }

    /// A mistake of the host's own (orders out and approvals differ, a step does not end): nothing opens any more until a person
    /// has looked, in another process. What exits have at brokers stays. Each mistake once.
    mutating func halt(_ mistake: String, _ what: String, at now: Timestamp) {
        guard toldMistakes.insert(mistake).inserted else { return }
        haltedFor = haltedFor ?? mistake
        let what = "\(mistake), and the host halts: \(what)"
        dispatcher?.say(DeskNote(.drift, severity: .critical, what))
        _ = turnKill(true, what, at: now)
    }
    static let stepWithoutEnd = "a step did not end by itself"

    /// Between two steps, where orders go to the paper exchange.
    mutating func haltIfRestless(entry: Timestamp) throws(RunFailure) {
        guard !isRouted, let what = engine.takeUnrest(), !isHalted else { return }
        halt(Self.stepWithoutEnd, what, at: deskClock.time(entry.nanoseconds))
        try recordBetween(entry: entry, at: .endOfStep(lastStep))
    }

    mutating func hearRequests(at now: Timestamp) {
        for request in setup.control.takeRequests() {
            let (words, isDone) = carryOut(request.what, at: now)
            owedAnswers.append(
                OwedAnswer(
                    // What was refused leaves no record of its own.
                    record: isDone ? writer.nextNumber : writer.nextNumber - 1,
                    what: .request(request, words, isDone: isDone)))
        }
    }

    private mutating func carryOut(
        _ what: DeskRequest.What, at now: Timestamp
    ) -> (String, isDone: Bool) {
        switch what {
        case .resolve(let number, let broker):
            return resolve(OrderNumber(number), as: broker, at: now)
        case .release(let name):
            guard let index = setup.plan.accounts.firstIndex(where: { $0.name == name }) else {
                return ("there is no account '\(name)'", false)
            }
            let count = dispatcher?.release(AccountID(index), at: now) ?? 0
            guard count > 0 else { return ("account '\(name)' is not locked down", false) }
            return ("account '\(name)' is released", true)
        case .cancel(let number):
            let order = OrderNumber(number)
            if let why = reasonNotOpen(order) { return (why, false) }
            engine.cancel(order, reason: "asked for by hand")
            let isOfExit = projector.isOfExit(order)
            return (
                "the end of order \(number) is asked for"
                    + (isOfExit
                        ? ", and its exit asks for it anew; against that: madang exits hold" : ""),
                true
            )
        case .correct(let request): return correct(request, at: now)
        case .modify(let number, let limit, let quantity):
            return change(
                OrderNumber(number), limit.map { Price(units: $0) },
                quantity.map { Quantity(units: $0) })
        }
    }

    /// What changed nothing has no record of its own: its answer waits for those before it.
    mutating func closeRequests() {
        let last = writer.nextNumber - 1
        for index in owedAnswers.indices where owedAnswers[index].record > last {
            owedAnswers[index].record = last
        }
    }

    /// What is on the disk is answered.
    mutating func giveAnswers() {
        guard !owedAnswers.isEmpty else { return }
        let durable = setup.log.durableNumber
        while let first = owedAnswers.first, first.record <= durable {
            owedAnswers.removeFirst()
            switch first.what {
            case .kill(let order, let answer): setup.control.heard(order, answer)
            case .request(let request, let words, let isDone):
                setup.control.answered(request, words, isDone: isDone)
            }
        }
    }
}
