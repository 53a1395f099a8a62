import Kernel
import Ports
import TradingModel

/// Instruments that join the sessions of strategy servers, or leave them, while a run goes on.
extension RunState {
    /// What a change does to the list of a server, in the order in which it is told: who leaves, then who joins.
    struct Moves {
        struct Move {
            let source: SourceID
            let instrument: InstrumentID
            let joins: Bool
        }
        var all: [Move] = []

        init(from old: KernelPlan, to plan: KernelPlan) {
            for (index, source) in old.sources.enumerated() where source.kind == .server {
                let id = SourceID(index)
                let (was, will) = (old.instruments(of: id), plan.instruments(of: id))
                guard was != will else { continue }
                all += was.subtracting(will).sorted().map {
                    Move(source: id, instrument: $0, joins: false)
                }
                all += will.subtracting(was).sorted().map {
                    Move(source: id, instrument: $0, joins: true)
                }
            }
        }
    }

    /// What servers asked for, of those whose list may change.
    var historyInputs: [SourceID: [ServerInput]] {
        Dictionary(
            sessions.filter { $0.slot == .main }.map { ($0.source, $0.description.inputs) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Why the lists of servers cannot become others now; `nil`: they can. As fast as possible nobody asks for it.
    func obstacle(to moves: Moves) -> String? {
        guard setup.speed != nil else { return nil }
        for source in Set(moves.all.map(\.source)).sorted() {
            let name = setup.plan.sources[Int(source.index)].name
            let those = sessions.filter { $0.source == source && isActive($0) }
            let slots = Set(those.map(\.slot))
            if slots.count > 1 {
                return "'\(name)' has a candidate: its symbols are as the run began with them"
                    + "\n  drop the candidate first: madang strategy rollback \(name) --drop"
            }
            if slots == [.candidate] {
                return "'\(name)': its deployed version has the symbols that the run began with"
                    + "\n  write others into the configuration, and begin a run with them"
            }
            if those.isEmpty || those.contains(where: { $0.subscription.roster == nil }) {
                return "'\(name)': the symbols of this server are as the run began with them"
            }
        }
        let room = EventPosition.changesInStep - instrumentChanges(behind: lastStep)
        guard moves.all.count <= room else {
            return "more than \(EventPosition.changesInStep) instruments would join or leave behind"
                + " one event\n  ask again when the market has moved"
        }
        return nil
    }

    /// Changes of instruments that were told behind a step.
    private func instrumentChanges(behind step: UInt64) -> Int {
        changedBehind.step == step ? changedBehind.count : 0
    }

    /// Puts every session's list where the change has it, and what it is told of that among its events.
    ///
    /// The change is in the log by then: no server knows of one that the host does not. All sessions of a strategy
    /// hear of it at the same positions; these follow from the log alone.
    /// - Parameters:
    ///   - entry: UTC.
    ///   - give: Hands events to a session's queue.
    mutating func move(
        _ moves: Moves, _ history: JoiningHistory?, entry: Timestamp,
        _ give: (RingFeed, [SharedEvent]) -> Void
    ) {
        guard !moves.all.isEmpty else { return }
        var count = instrumentChanges(behind: lastStep)
        var events = feeds.map { _ in [SharedEvent]() }
        for move in moves.all {
            let position = EventPosition(
                step: lastStep, index: EventPosition.firstChangeIndex + count)
            count += 1
            let instrument = setup.plan.instruments[Int(move.instrument.index)]
            for (index, feed) in feeds.enumerated() where feed.link.source == move.source {
                guard
                    let change = feed.link.subscription.roster?.change(
                        instrument, joins: move.joins, at: position)
                else { continue }
                let before =
                    move.joins ? history?.events(of: move.instrument, for: move.source) : nil
                events[index].append(
                    SharedEvent(
                        SessionEvent(
                            position: position, entryTime: entry,
                            kind: .instrument(
                                InstrumentChange(
                                    instrument, number: change.number, joins: move.joins,
                                    history: before)))))
            }
        }
        changedBehind = (lastStep, count)
        for (feed, events) in zip(feeds, events) where !events.isEmpty {
            give(feed.ring, events)
            watch?.followed(feed.link.key)
        }
    }

    /// Whether a result is of an instrument that has left its session, which is no fault of the server.
    func isRemoved(_ result: ServerResult, of link: SessionLink) -> Bool {
        link.subscription.roster?.standing(of: result.instrument, at: result.position) == .removed
    }

    /// Whether a strategy's server has another list than the run began with: one that comes now would not have it.
    func hasMoved(_ strategy: String) -> Bool {
        sessions.contains {
            $0.subscription.roster?.hasChanged == true
                && setup.plan.sources[Int($0.source.index)].name == strategy
        }
    }
}
