package import Ports

extension Outbox {
    /// A letter that is to leave now.
    package struct Outgoing: Hashable, Sendable {
        package let destination: Int
        package let letter: Letter
    }

    /// Chooses what may leave now. Its records must be durable before it does. A dead channel is tried now and then.
    ///
    /// - Returns: At most one letter a destination, and when to ask again if nothing else happens (monotonic ns).
    package mutating func next(at now: Moment) -> (letters: [Outgoing], wakeAt: Int64?) {
        var letters: [Outgoing] = []
        var wakeAt: Int64?
        for index in destinations.indices {
            expire(index, now)
            let state = isUnkept ? destinations[index].doubted : destinations[index]
            guard state.underWay == nil, !state.isEmpty else { continue }
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

    /// Whether there is nothing to wait for: all told, or dead.
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
}
