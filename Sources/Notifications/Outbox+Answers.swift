package import Ports

/// What became of letters, and what that says of their channels.
extension Outbox {
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
            arrived(index, now)
        case .throttled(let wait, let holdsLane):
            emit(.notSent(name, isPlain: false))
            throttled(index, bounded(wait), holdsLane: holdsLane, now)
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

    private mutating func arrived(_ index: Int, _ now: Moment) {
        destinations[index].failures = 0
        destinations[index].hasJustMoved = false
        // Of a bot that was told to wait meanwhile this letter was the last one.
        let heldUntil = lanes[destinations[index].plan.lane].heldUntil
        guard heldUntil - now.monotonic <= settings.heldWithin else { return }
        destinations[index].trouble = nil
        guard destinations[index].health != .up else { return }
        destinations[index].health = .up
        destinations[index].since = nil
        notice(.back(destinations[index].plan.name, waiting: waiting(at: index)))
    }

    /// Whoever may send nothing for long is as silent as one that does not answer, all channels of a bot that is held.
    private mutating func throttled(
        _ index: Int, _ wait: Int64, holdsLane: Bool, _ now: Moment
    ) {
        let lane = destinations[index].plan.lane
        let until = now.monotonic + wait + Int64(jitter() % 200_000_000)
        if holdsLane {
            lanes[lane].hold(until: until)
        } else {
            destinations[index].pacing.hold(until: until)
        }
        let held = destinations.indices.filter {
            $0 == index || (holdsLane && destinations[$0].plan.lane == lane)
        }
        for other in held { destinations[other].throttle(until: until, now) }
        guard wait > settings.heldWithin else { return }
        fallSilent(held, "it takes nothing for \(wait / 1_000_000_000) s", now)
    }

    private mutating func failed(_ index: Int, _ reason: String, _ now: Moment) {
        if destinations[index].failures == 0 { destinations[index].failingSince = now.monotonic }
        destinations[index].failures += 1
        destinations[index].trouble = reason
        guard destinations[index].health != .dead else { return tryLater(index, now) }
        let failures = destinations[index].failures
        let doubled = settings.backOff.lowerBound << Int64(min(failures - 1, 20))
        let wait = min(doubled, settings.backOff.upperBound)
        // A quarter more at most: several hosts that failed together should not come back together.
        destinations[index].retryAt = now.monotonic + wait + Int64(jitter() % UInt64(wait / 4 + 1))
        let isLong = now.monotonic - destinations[index].failingSince >= settings.downWithin
        if failures >= settings.downAfter || isLong { fallSilent([index], reason, now) }
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

    /// Told once, however often it is tried after that.
    private mutating func died(_ index: Int, _ reason: String, _ now: Moment) {
        emit(.notSent(destinations[index].plan.name, isPlain: false))
        let isNew = destinations[index].health != .dead
        destinations[index].health = .dead
        destinations[index].trouble = reason
        tryLater(index, now)
        if isNew {
            destinations[index].since = now
            notice(.dead(destinations[index].plan.name, reason: reason))
            tellOthers(index, reason, isDead: true, now)
        }
        handOn(from: index)
    }

    private mutating func tryLater(_ index: Int, _ now: Moment) {
        destinations[index].retryAt = now.monotonic + settings.probeEvery
    }

    private mutating func moved(_ index: Int, _ address: String, _ now: Moment) {
        guard !destinations[index].hasJustMoved else {
            return died(index, "it moves again and again", now)
        }
        let plan = destinations[index].plan
        emit(.notSent(plan.name, isPlain: false))
        emit(.moved(plan.name, address: address, of: plan.origin))
        destinations[index].hasJustMoved = true
        notice(.moved(plan.name))
    }

    // MARK: Silent channels

    /// All at once, so that none of them counts as one that lives. A dead one stays what it is.
    private mutating func fallSilent(_ silent: [Int], _ reason: String, _ now: Moment) {
        for index in silent where destinations[index].health != .dead {
            destinations[index].trouble = reason
        }
        let fresh = silent.filter { destinations[$0].health == .up }
        for index in fresh {
            destinations[index].health = .down
            destinations[index].since = now
        }
        for index in fresh {
            notice(.down(destinations[index].plan.name, reason: reason))
            tellOthers(index, reason, isDead: false, now)
            handOn(from: index)
        }
    }

    /// Tells of a silent channel on those that live and hear warnings; on all that live where none of them does, for
    /// else nobody would hear that warnings reach nobody.
    private mutating func tellOthers(
        _ silent: Int, _ reason: String, isDead: Bool, _ now: Moment
    ) {
        let living = destinations.filter { $0.health == .up }
        let hearing = living.filter { Severity.warning.reaches($0.plan.level) }
        guard !living.isEmpty else { return }
        let name = destinations[silent].plan.name
        let id = MessageID(source: "outbox", record: UInt64(max(0, now.utc)), index: UInt32(silent))
        let routes = (hearing.isEmpty ? living : hearing).map { state in
            Route(
                to: state.plan.name,
                text: state.plan.texts.channelSilent(name, reason: reason, isDead: isDead))
        }
        emit(
            .queued(
                Message(id: id, severity: .warning, topic: .channel, clock: ""), utc: now.utc,
                routes))
    }

    /// Hands on what is urgent and nobody else has.
    private mutating func handOn(from silent: Int) {
        guard let living = destinations.first(where: { $0.health == .up }) else { return }
        let underWay = destinations[silent].firstFree(isUrgent: true)
        for (place, entry) in destinations[silent].urgent.enumerated() where entry.isAlone {
            var entry = entry
            // It may still arrive where it is on its way to.
            if place < underWay { entry.isRepeat = true }
            emit(.kept(living.plan.name, entry))
        }
    }
}
