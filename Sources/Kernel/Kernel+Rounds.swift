public import TradingModel

extension Kernel {
    /// Ends a step in which every source was waited for: all open rounds close.
    public mutating func endStep(
        at position: EventPosition, now: Timestamp, into effects: inout Effects
    ) {
        while let desk = openRounds.first {
            closeRound(desk, at: position, now: now, into: &effects)
        }
    }

    /// A server has answered everything up to `position` that was sent to it.
    ///
    /// Rounds close that waited for nothing else: of a shard, those of its own instruments.
    public mutating func cover(
        _ source: SourceID, shard: Int = 0, through position: EventPosition, now: Timestamp,
        into effects: inout Effects
    ) {
        let before = coverage[Int(source.index)][shard]
        coverage[Int(source.index)][shard] = max(before, position)
        closeCoveredRounds(at: position, now: now, into: &effects)
    }

    /// A server's results begin or cease to be waited for. One that is not live abstains.
    public mutating func setLive(
        _ live: Bool, _ source: SourceID, shard: Int = 0, at position: EventPosition,
        now: Timestamp, into effects: inout Effects
    ) {
        isLive[Int(source.index)][shard] = live
        if !live { closeCoveredRounds(at: position, now: now, into: &effects) }
    }

    /// The clock moved: rounds past their deadline close.
    public mutating func advance(
        to now: Timestamp, at position: EventPosition, into effects: inout Effects
    ) {
        for desk in openRounds {
            if let round = desks[desk].round, round.deadline <= now {
                closeRound(desk, at: position, now: now, into: &effects)
            }
        }
    }

    /// Closes one desk's round for whoever decides anew what a log tells of: at a pace a round's end hangs on what
    /// servers had answered by then, which no log has. Nothing happens where none is open.
    public mutating func closeRound(
        of key: DeskKey, at position: EventPosition, now: Timestamp, into effects: inout Effects
    ) {
        guard let desk = desk(of: key), desks[desk].round != nil else { return }
        closeRound(desk, at: position, now: now, into: &effects)
    }

    public func hasOpenRound(_ key: DeskKey) -> Bool {
        desk(of: key).map { desks[$0].round != nil } ?? false
    }

    /// When ``advance(to:at:into:)`` has something to do next.
    public var nextDeadline: Timestamp? {
        openRounds.compactMap { desks[$0].round?.deadline }.min()
    }

    /// After a restart: open rounds and standing votes are void.
    public mutating func expireAll(at position: EventPosition, into effects: inout Effects) {
        for desk in 0..<desks.count {
            for vote in desks[desk].votes {
                emit(
                    .voteEnded(vote.key, .expired, detail: "the host restarted"),
                    into: &effects)
            }
            if desks[desk].round != nil {
                let outcome = RoundOutcome(
                    position: position, side: nil, conflict: false, detail: "the host restarted")
                emit(.roundClosed(desks[desk].key, outcome), into: &effects)
            }
        }
    }

    /// Closes the rounds for which nobody is waited any more.
    public mutating func closeCoveredRounds(
        at position: EventPosition, now: Timestamp, into effects: inout Effects
    ) {
        for desk in openRounds where isCovered(desk, now) {
            closeRound(desk, at: position, now: now, into: &effects)
        }
    }

    /// Whether no server attached to the desk that is live still owes an answer.
    private mutating func isCovered(_ desk: Int, _ now: Timestamp) -> Bool {
        guard let round = desks[desk].round else { return false }
        let best = plan.arbiter.policy == .priority ? bestPriority(desk, now) : nil
        let instrument = desks[desk].key.instrument
        for (index, source) in plan.sources.enumerated() where source.kind == .server {
            let shard = source.shard(of: instrument)
            guard isLive[index][shard] else { continue }
            if let best, source.priority >= best { continue }
            let seats = serverSeats[SourceID(index)]?[instrument] ?? []
            guard seats.contains(where: { $0.desk == desk }) else { continue }
            if coverage[index][shard] < round.position { return false }
        }
        return true
    }

    static func coverageAtStart(of source: SourcePlan) -> [EventPosition] {
        Array(repeating: .start, count: source.shardCount)
    }
    static func livesAtStart(_ source: SourcePlan) -> [Bool] {
        Array(repeating: source.kind != .server, count: source.shardCount)
    }

    /// `priority` waits only for sources that would be heard before the best vote.
    private mutating func bestPriority(_ desk: Int, _ now: Timestamp) -> Int? {
        desks[desk].votes.filter { $0.expires > now }
            .map { plan.sources[Int($0.source.index)].priority }.min()
    }

    mutating func closeRound(
        _ desk: Int, at position: EventPosition, now: Timestamp, into effects: inout Effects
    ) {
        // Most rounds have one vote, and an order comes of it.
        if desks[desk].votes.count == 1,
            act(desk, on: desks[desk].votes[0], at: position, now: now, into: &effects)
        {
            return
        }
        if desks[desk].votes.contains(where: { $0.expires <= now }) {
            for vote in desks[desk].votes where vote.expires <= now {
                emit(.voteEnded(vote.key, .expired, detail: ""), into: &effects)
            }
        }
        let verdict = arbiter.decide(desks[desk].votes, of: desks[desk].voters)
        let detail = arbiter.detail(of: verdict, desks[desk].votes)
        close(desk, verdict, detail, at: position, into: &effects)
        guard let side = verdict.side, let leader = verdict.leader else {
            if verdict.vetoed {
                endVotes(desk, detail, into: &effects, against: nil, .vetoed)
            }
            return
        }
        let vote = desks[desk].votes[leader]
        switch order(for: vote, side: side, desk) {
        case .approved(let approval):
            let decision = approval.decision(on: vote, at: position, detail)
            emit(
                .risk(RiskDecision(approving: decision, freeCash: approval.freeCash)),
                into: &effects)
            emit(.ordered(decision), into: &effects)
            effects.orders.append(approval.order)
            endVotes(desk, detail, into: &effects, against: side, .used)
        case .dropped(let rule, let why, let told):
            let refusal = RiskDecision(
                desk: desks[desk].key, position: position, approved: false, rule: rule,
                detail: .words(why))
            emit(.risk(refusal), into: &effects)
            endVotes(desk, .words(told), into: &effects, against: side, .notApproved)
        }
    }

    /// Closes the round on its only vote, if an order comes of it; else nothing has changed.
    private mutating func act(
        _ desk: Int, on vote: Vote, at position: EventPosition, now: Timestamp,
        into effects: inout Effects
    ) -> Bool {
        guard vote.expires > now, case let verdict = arbiter.decide(vote, of: desks[desk].voters),
            let side = verdict.side,
            case .approved(let approval) = order(for: vote, side: side, desk)
        else { return false }
        // What `acted` changes, where desk and vote are at hand.
        endRound(desk)
        place(approval.order, reserving: approval.reserved, from: vote.source)
        desks[desk].votes.removeLast()
        effects.orders.append(approval.order)
        effects.tell(
            .acted(
                RoundAction(
                    approval.decision(
                        on: vote, at: position, arbiter.detail(of: verdict, vote)),
                    position: vote.position, index: vote.key.index, freeCash: approval.freeCash)))
        return true
    }

    @inline(never)
    private mutating func close(
        _ desk: Int, _ verdict: Arbiter.Verdict, _ detail: Detail, at position: EventPosition,
        into effects: inout Effects
    ) {
        let outcome = RoundOutcome(
            position: position, side: verdict.side, conflict: verdict.conflict, detail: detail)
        emit(.roundClosed(desks[desk].key, outcome), into: &effects)
    }

    /// Ends every vote of the desk. Each fact takes its vote away, so the first is always the next.
    ///
    /// - Parameter side: Votes of the other one were outvoted.
    private mutating func endVotes(
        _ desk: Int, _ detail: Detail, into effects: inout Effects, against side: Side?,
        _ status: SignalStatus
    ) {
        while !desks[desk].votes.isEmpty {
            let isOutvoted = side != nil && desks[desk].votes[0].side != side
            emit(
                .voteEnded(
                    desks[desk].votes[0].key, isOutvoted ? .outvoted : status, detail: detail),
                into: &effects)
        }
    }
}
