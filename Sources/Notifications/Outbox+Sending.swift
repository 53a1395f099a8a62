package import Ports

extension Outbox {
    /// A letter that is to leave now.
    package struct Outgoing: Hashable, Sendable {
        package let destination: Int
        package let letter: Letter
    }

    /// Chooses what may leave now. Its records must be durable before it does.
    ///
    /// - Returns: At most one letter a destination, and when to ask again if nothing else happens (monotonic ns).
    package mutating func next(at now: Moment) -> (letters: [Outgoing], wakeAt: Int64?) {
        var letters: [Outgoing] = []
        var wakeAt: Int64?
        for index in destinations.indices {
            expire(index, now)
            let state = isUnkept ? destinations[index].doubted : destinations[index]
            guard state.underWay == nil, state.health != .dead, !state.isEmpty else { continue }
            guard let paced = state.pacing.next, let laned = lanes[state.plan.lane].next else {
                continue  // an answer will come
            }
            let time = max(paced, laned, state.retryAt)
            guard time <= now.monotonic else {
                wakeAt = min(wakeAt ?? time, time)
                continue
            }
            let (content, letter) = LetterWriter(state, settings, now).write()
            emit(.sending(state.plan.name, content))
            destinations[index].pacing.begin()
            lanes[state.plan.lane].begin()
            letters.append(Outgoing(destination: index, letter: letter))
        }
        return (letters, wakeAt)
    }

    /// From here on nothing can be made durable. What was just chosen has not left: it may be chosen again.
    package mutating func loseLog(_ chosen: [Outgoing], at now: Moment) {
        isUnkept = true
        for outgoing in chosen {
            let plan = destinations[outgoing.destination].plan
            destinations[outgoing.destination].pacing.end(at: now.monotonic, counts: false)
            lanes[plan.lane].end(at: now.monotonic, counts: false)
            apply(.notSent(plan.name, isPlain: false))
        }
    }

    private mutating func expire(_ index: Int, _ now: Moment) {
        for isUrgent in [true, false] {
            let state = destinations[index]
            let queue = (isUrgent ? state.urgent : state.ordinary)
                .dropFirst(state.firstFree(isUrgent: isUrgent))
            let old = queue.prefix { now.utc - $0.utc > expiry(of: $0.message.severity) }.count
            if old > 0 { emit(.expired(state.plan.name, count: old, isUrgent: isUrgent)) }
        }
    }

    private func expiry(of severity: Severity) -> Int64 {
        switch severity {
        case .critical, .security: settings.expiry[0]
        case .warning: settings.expiry[1]
        case .info: settings.expiry[2]
        }
    }

    /// Whether nothing can be sent any more: all told, or dead.
    package var isIdle: Bool {
        destinations.allSatisfy { $0.underWay == nil && ($0.isEmpty || $0.health == .dead) }
    }

    /// Letters on their way now.
    package var underWay: Int { destinations.count { $0.underWay != nil } }

    /// What a destination still owes, messages that are only counted included.
    package func waiting(at index: Int) -> Int {
        let state = destinations[index]
        return state.urgent.count + state.ordinary.count + state.tally
    }

    // MARK: Answers

    /// Takes what became of the letter under way to that destination.
    package mutating func answered(_ index: Int, _ delivery: Delivery, at now: Moment) {
        let name = destinations[index].plan.name
        let lane = destinations[index].plan.lane
        let counts =
            switch delivery {
            case .delivered, .unknownOutcome: true
            default: false
            }
        destinations[index].pacing.end(at: now.monotonic, counts: counts)
        lanes[lane].end(at: now.monotonic, counts: counts)
        switch delivery {
        case .delivered(let pause):
            emit(.delivered(name))
            destinations[index].pacing.hold(until: now.monotonic + bounded(pause))
            arrived(index)
        case .throttled(let wait, let holdsLane):
            emit(.notSent(name, isPlain: false))
            let until = now.monotonic + bounded(wait) + Int64(jitter() % 200_000_000)
            if holdsLane {
                lanes[lane].hold(until: until)
            } else {
                destinations[index].pacing.hold(until: until)
            }
        case .transient(let reason):
            emit(.notSent(name, isPlain: false))
            failed(index, reason, now)
        case .unknownOutcome(let reason):
            emit(.unknown(name))
            failed(index, reason, now)
        case .contentFault(let reason): faulted(index, reason, now)
        case .destinationDead(let reason), .credentialsDead(let reason): died(index, reason, now)
        case .moved(let address): moved(index, address, now)
        }
    }

    /// No side may hold us for longer than an hour without being asked again.
    private func bounded(_ wait: Int64) -> Int64 { min(max(0, wait), 3_600_000_000_000) }

    private mutating func arrived(_ index: Int) {
        destinations[index].failures = 0
        destinations[index].trouble = nil
        destinations[index].hasJustMoved = false
        guard destinations[index].health == .down else { return }
        destinations[index].health = .up
        notice(.back(destinations[index].plan.name, waiting: waiting(at: index)))
    }

    private mutating func failed(_ index: Int, _ reason: String, _ now: Moment) {
        if destinations[index].failures == 0 { destinations[index].failingSince = now.monotonic }
        destinations[index].failures += 1
        destinations[index].trouble = reason
        let failures = destinations[index].failures
        let doubled = settings.backOff.lowerBound << Int64(min(failures - 1, 20))
        let wait = min(doubled, settings.backOff.upperBound)
        // A quarter more at most: several hosts that failed together should not come back together.
        destinations[index].retryAt = now.monotonic + wait + Int64(jitter() % UInt64(wait / 4 + 1))
        let isLong = now.monotonic - destinations[index].failingSince >= settings.downWithin
        guard failures >= settings.downAfter || isLong, destinations[index].health == .up else {
            return
        }
        destinations[index].health = .down
        notice(.down(destinations[index].plan.name, reason: reason))
        tellOthers(index, reason, isDead: false, now)
    }

    /// First the markup goes, then the words: their count stays. A channel that refuses whatever it is sent is slowed
    /// down like one that fails, and told once.
    private mutating func faulted(_ index: Int, _ reason: String, _ now: Moment) {
        let state = destinations[index]
        guard let content = state.underWay else { return }
        let entry = content.kind == .urgent ? state.urgent.first : state.ordinary.first
        if let entry, content.kind != .counts, !entry.isPlain {
            return emit(.notSent(state.plan.name, isPlain: true))
        }
        emit(.givenUp(state.plan.name, reason: reason))
        if state.failures == 0 { notice(.givenUp(state.plan.name, reason: reason)) }
        if let entry, content.kind == .urgent, entry.isAlone,
            let other = destinations.indices.first(where: {
                $0 != index && destinations[$0].health == .up
            })
        {
            emit(.kept(destinations[other].plan.name, entry))
        }
        failed(index, reason, now)
    }

    private mutating func died(_ index: Int, _ reason: String, _ now: Moment) {
        emit(.notSent(destinations[index].plan.name, isPlain: false))
        destinations[index].health = .dead
        destinations[index].trouble = reason
        notice(.dead(destinations[index].plan.name, reason: reason))
        tellOthers(index, reason, isDead: true, now)
    }

    private mutating func moved(_ index: Int, _ address: String, _ now: Moment) {
        guard !destinations[index].hasJustMoved else {
            return died(index, "it moves again and again", now)
        }
        let name = destinations[index].plan.name
        emit(.notSent(name, isPlain: false))
        emit(.moved(name, address: address))
        destinations[index].hasJustMoved = true
        notice(.moved(name))
    }

    /// Tells of a silent channel on the others, and hands on what is urgent and nobody else has.
    private mutating func tellOthers(
        _ silent: Int, _ reason: String, isDead: Bool, _ now: Moment
    ) {
        let living = destinations.indices.filter { destinations[$0].health == .up }
        guard let first = living.first else { return }
        let name = destinations[silent].plan.name
        let id = MessageID(source: "outbox", record: UInt64(max(0, now.utc)), index: UInt32(silent))
        let routes = living.map { index in
            let texts = destinations[index].plan.texts
            return Route(
                to: destinations[index].plan.name,
                text: texts.channelSilent(name, reason: reason, isDead: isDead))
        }
        emit(
            .queued(
                Message(id: id, severity: .warning, topic: .channel, clock: ""), utc: now.utc,
                routes))
        for entry in destinations[silent].urgent where entry.isAlone {
            emit(.kept(destinations[first].plan.name, entry))
        }
    }
}
