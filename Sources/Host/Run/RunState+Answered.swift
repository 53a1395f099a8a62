import Kernel
import Ports
import TradingModel

/// Where sessions go on behind a restart of the host at a pace: behind what the log says that they had answered.
///
/// A step may stand in the log long before its results do, or for ever if the host ends before they come. So what
/// each session has answered is a record of its own, right behind those that hold what it said: a crash that loses
/// results loses the word that they came.
extension RunState {
    var isPaced: Bool { setup.speed != nil }

    /// Writes down how far sessions have answered, where that is further than the log has it; as fast as possible
    /// nobody asks, for there every session is fed again from its first event.
    ///
    /// A server may forget what is safe when this is: a start goes on from here, and asks for all behind it.
    mutating func recordAnswered() throws(RunFailure) {
        guard isPaced else { return }
        var news: [SessionKey: EventPosition] = [:]
        for index in sessions.indices where !isSecond(index) {
            let key = sessions[index].key
            let position = duty(of: index).map { standbys[$0].pair.watermark } ?? heard(of: index)
            guard answered[key].map({ $0 < position }) ?? true else { continue }
            news[key] = position
        }
        guard !news.isEmpty else { return }
        answered.merge(news) { $1 }
        marks = marks(through: decidedStep)
        do {
            try writer.append(
                LogRecord.answered(news).encoded(with: &pen), rows: [], marks: marks, news: [],
                notices: [])
        } catch { throw .store(error) }
    }

    /// A step that is answered whole counts to its end, but where something may yet come behind it that is to be
    /// answered, a fill or a change of instruments: what this says is not taken back when it comes.
    private func heard(of index: Int) -> EventPosition {
        let subscription = sessions[index].subscription
        guard subscription.readsAccount || subscription.roster != nil else { return covered[index] }
        return min(covered[index], sessions[index].lane.closed)
    }

    /// In recovery.
    mutating func restore(answered positions: [SessionKey: EventPosition]) {
        answered.merge(positions) { max($0, $1) }
    }

    /// In recovery: up to where a session is asked about nothing any more.
    ///
    /// - Returns: `nil` where the log does not know it: an older host wrote it, or the session is new.
    func resumePoint(of link: SessionLink) -> EventPosition? {
        guard !isNew(link), let position = answered[link.key.pair] else { return nil }
        // A version that was off is not asked about that time.
        let off = versions.lastOff(link.slot, of: link.source)
        return off == .max ? nil : max(position, off == 0 ? .start : .endOfStep(off))
    }

    /// Recovery is through: where the sessions stand.
    mutating func begin(_ index: Int, behind position: EventPosition, newest: EventPosition) {
        covered[index] = max(covered[index], position)
        // The rows of a version follow its notes, and a new one has answered nothing of before.
        if isNew(sessions[index]) { toldCovered[index] = covered[index] }
        if position < newest { owed[index] = newest }
    }
}
