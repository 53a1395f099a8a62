import Kernel
import Ports
import TradingModel

/// How a run at a pace looks for what is missing, and how what is found gets to people.
extension RunState {
    /// The recording stands at `time`, and what is new begins.
    mutating func beginWatching(from time: Timestamp) {
        watch = Watchdogs(
            setup.watch, setup.plan, brokers: setup.brokers?.setup.links ?? [],
            from: lastStep == 0 ? time : self.time, at: setup.clock.monotonic())
    }

    /// A step was taken, and given to those who hear of it.
    mutating func watched(_ step: borrowing Step) {
        watch?.took(step)
        guard watch?.watchesResults == true else { return }
        for (index, feed) in feeds.enumerated()
        where lives[index] && isActive(feed.link) && !isSpare(index) {
            var count = 0
            for event in step.events.indices
            where feed.link.subscription.hears(step.events[event]) { count += 1 }
            watch?.gave(count, to: feed.link, at: step.time)
        }
    }

    /// Looks at what only time brings, and writes down what there is to tell. Between two records.
    ///
    /// - Parameters:
    ///   - moment: Monotonic ns.
    ///   - market: The market's time by then; `nil`: the recording is through.
    mutating func lookAround(at moment: Int64, market: Timestamp?) throws(RunFailure) {
        guard watch != nil else { return }
        if let market {
            watch?.pass(to: market)
        } else {
            watch?.endData()
        }
        if moment >= watch?.nextLook ?? .max {
            let before = setup.clock.monotonic()
            let wall = setup.clock.utc()
            let reading = ClockWatch.Reading(
                wall: wall, before: before, after: setup.clock.monotonic())
            let (working, time) = (workingOrders, market ?? time)
            watch?.look(reading, at: time, engine.kernel, working: working)
        }
        try tell(watch?.takeNotes() ?? [])
    }

    /// When it wants to be looked at again at the latest: by the host's clock, and by the market's time.
    var watchDue: (monotonic: Int64, market: Timestamp) {
        (watch?.nextLook ?? .max, watch?.due ?? .distantFuture)
    }

    private var workingOrders: [(number: OrderNumber, broker: Int)] {
        guard let dispatcher else { return [] }
        return dispatcher.open.compactMap { number in
            dispatcher.ledger.home(of: number).map { (number, $0) }
        }
    }

    // MARK: Telling

    private mutating func tell(_ notes: [WatchNote]) throws(RunFailure) {
        guard !notes.isEmpty else { return }
        // A start reads records in order: the steps first, then what was found behind them.
        try writeQuiet()
        let number = writer.nextNumber
        for (index, note) in notes.enumerated() {
            projector.take(note, at: behind, record: number)
            if setup.news != nil { tell(news(of: note, RunNews.Place(number, index))) }
            notices.append(
                RunNotice(
                    .warning, time: note.time, source: note.source,
                    symbol: note.instrument.map { projector.symbol($0) } ?? "", text: note.words))
        }
        try append(.watched(notes))
    }

    /// In recovery: the same rows, and what may not have been told.
    mutating func restore(_ notes: [WatchNote], _ number: UInt64) throws(RunFailure) {
        for (index, note) in notes.enumerated() {
            projector.take(note, at: behind, record: number)
            let place = RunNews.Place(number, index)
            if isUntold(place) { setup.news?.tell(news(of: note, place)) }
        }
        try keepRestoredRows(number)
    }

    private func news(of note: WatchNote, _ place: RunNews.Place) -> RunNews {
        RunNews(
            place: place, time: note.time, account: note.account,
            event: .failSafe(note.code, note.severity, note.text))
    }
}

extension RunNews.Place {
    fileprivate init(_ record: UInt64, _ index: Int) {
        self.init(record: record, index: UInt32(index))
    }
}

extension Projector {
    /// What a watchdog found, as a row that people find beside refusals and limits.
    mutating func take(_ note: WatchNote, at position: EventPosition, record: UInt64) {
        rows.append(
            .risk(
                RiskRow(
                    record: record, position: position, code: note.code.rawValue,
                    account: note.account.map { plan.accounts[Int($0.index)].name } ?? "",
                    symbol: note.instrument.map { symbol($0) } ?? "",
                    rule: note.order.map { "\(note.kind.name), order \($0)" } ?? note.kind.name,
                    detail: note.text, time: note.time)))
    }
}
