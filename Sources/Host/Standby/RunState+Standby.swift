import Kernel
import Ports
import TradingModel

/// Strategies with a standby: which of two servers is heard, and what becomes of what the other says.
extension RunState {
    /// The pair that a session is of; `nil`: it stands alone.
    func duty(of index: Int) -> Int? {
        standbys.isEmpty ? nil : standbys.firstIndex { $0.places.contains(index) }
    }

    /// Whether a session is fed and held against another that is heard.
    func isSpare(_ index: Int) -> Bool {
        duty(of: index).map { standbys[$0].heard != index } ?? false
    }

    /// Whether a session is looked after with the main server of its pair.
    func isSecond(_ index: Int) -> Bool {
        sessions[index].seat == .standby && duty(of: index) != nil
    }

    /// Notes how a session stands, where it is one of a pair.
    mutating func noteState(_ report: SessionReport, of index: Int) {
        guard case .state(let state, let detail) = report, let duty = duty(of: index),
            let seat = standbys[duty].seat(of: index)
        else { return }
        standbys[duty].note(state, detail: detail, of: seat)
    }

    /// As fast as possible: how far what a session said is taken, where everybody's word up to `end` was.
    func closable(_ index: Int, through end: EventPosition) -> EventPosition {
        guard let duty = duty(of: index), let seat = standbys[duty].seat(of: index),
            seat != standbys[duty].pair.heard
        else { return end }
        return min(end, standbys[duty].pair.watermark(of: seat))
    }

    /// Whether a run that waits for everybody cannot go on without this one.
    func isIndispensable(_ index: Int) -> Bool {
        duty(of: index).map { standbys[$0].pair.isGone } ?? true
    }

    /// Lets the other one be heard, where who is heard is lost: the note stands in the record in hand.
    ///
    /// - Returns: What the other has said already behind what is covered, in order; `nil`: nothing changes.
    mutating func takeOver(_ duty: Int) -> [SessionLane.Arrival]? {
        guard standbys[duty].pair.isDue else { return nil }
        let news = standbys[duty].pair.takeOver()
        let pair = standbys[duty].pair
        for link in standbys[duty].links { watch?.forget(link.key) }
        notes.append(
            .seated(
                standbys[duty].source, shard: standbys[duty].shard, pair.heard,
                behind: pair.behind, reason: standbys[duty].trouble))
        return news
    }

    /// Of one of a pair, as people call it.
    func name(of seat: ServerSeat, _ source: SourceID, _ shard: Int) -> String {
        let plan = setup.plan.sources[Int(source.index)]
        return StandbyDuty.words(seat, of: plan.name, shard: plan.shards == nil ? nil : shard)
    }

    /// Tells where two that should say the same do not.
    mutating func tellDifferences() {
        for index in standbys.indices {
            guard let words = standbys[index].takeWords() else { continue }
            setup.observer.notice(
                RunNotice(.warning, time: time, source: standbys[index].links[0].name, text: words))
        }
    }

    // MARK: At a pace

    /// Takes what a session left.
    ///
    /// - Returns: What is heard of it: of one that stands alone, all.
    mutating func admit(
        _ arrivals: [SessionLane.Arrival], through watermark: EventPosition, of index: Int
    ) -> [SessionLane.Arrival] {
        guard let duty = duty(of: index), let seat = standbys[duty].seat(of: index) else {
            return arrivals
        }
        standbys[duty].pair.leaveOut(sessions[index].lane.takeUnasked())
        return standbys[duty].pair.take(arrivals, through: watermark, from: seat)
    }

    /// Whether what a session leaves can be taken now.
    func hasRoom(_ index: Int) -> Bool {
        guard let duty = duty(of: index), let seat = standbys[duty].seat(of: index) else {
            return true
        }
        return standbys[duty].pair.hasRoom(for: seat)
    }

    /// A session of a pair was told that it does not hear these.
    mutating func leaveOut(_ runs: [PositionRun], of index: Int) {
        if let duty = duty(of: index) { standbys[duty].pair.leaveOut(runs) }
    }

    // MARK: Recovery

    /// Nothing happens where the configuration has no standby any more.
    mutating func restore(
        _ seat: ServerSeat, of source: SourceID, _ shard: Int, behind: EventPosition
    ) {
        for index in standbys.indices
        where standbys[index].source == source && standbys[index].shard == shard {
            standbys[index].pair.restore(seat, behind: behind)
        }
    }

    /// Recovery is through: what stands behind it is new.
    mutating func beginStandbys() {
        for index in standbys.indices {
            let position = resumePoint(of: standbys[index].links[0]) ?? behind
            standbys[index].pair.begin(behind: min(position, behind))
        }
        // A standby that is configured no more is not heard any more either.
        projector.takenOver.formIntersection(standbys.map { $0.links[0].key })
    }

    // MARK: Figures

    /// What is told of a pair, beside the figures of its strategy.
    ///
    /// - Parameter servers: By session, where they are known.
    func add(standby duty: StandbyDuty, _ servers: [ServerFigures?], to summary: inout RunSummary) {
        func server(_ seat: ServerSeat) -> RunSummary.Standby.Server {
            let place = duty.places[Int(seat.rawValue)]
            let counts = projector.sessions[sessions[place].key] ?? .init()
            return RunSummary.Standby.Server(
                name: sessions[place].name, isHeard: place == duty.heard, state: counts.state,
                failures: counts.failures, leftOut: counts.leftOut,
                latency: latencies[place].latency,
                server: place < servers.count ? servers[place] : nil)
        }
        let source = Int(duty.source.index)
        let counts = duty.pair.counts
        let isParted = setup.plan.sources[source].shards != nil
        summary.sources[source].standbys =
            (summary.sources[source].standbys ?? []) + [
                RunSummary.Standby(
                    shard: isParted ? duty.shard : nil, switches: counts.switches,
                    same: counts.same, differing: counts.differing, uncompared: counts.uncompared,
                    servers: ServerSeat.allCases.map(server))
            ]
    }
}
