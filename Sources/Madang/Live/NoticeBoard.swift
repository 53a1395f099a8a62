import Ports
import TradingModel

/// The notices that a screen may show: the newest, and of trouble more, so that orders do not push it off.
struct NoticeBoard {
    struct Entry: Hashable, Sendable {
        var kind: RunNotice.Kind
        var time: Timestamp
        var text: String
        /// How often it was said in the same words.
        var times = 1
        /// Which came first.
        var number: Int
        var isTrouble: Bool
    }
    private var recent: [Entry] = []
    private var troubles: [Entry] = []
    private var count = 0
    private static let most = 120

    /// What does not matter on a screen (votes, days, the same again) is not kept.
    mutating func take(_ notice: RunNotice) {
        switch notice.kind {
        case .signal, .vote, .day: return
        case .conflict, .order, .fill, .risk, .alert, .server, .warning, .kill, .message, .change:
            break
        }
        guard !notice.isRepeated else { return }
        count += 1
        let entry = Entry(
            kind: notice.kind, time: notice.time, text: notice.text, number: count,
            isTrouble: Self.isTrouble(notice))
        if entry.isTrouble {
            Self.add(entry, to: &troubles)
        } else {
            Self.add(entry, to: &recent)
        }
    }

    private static func isTrouble(_ notice: RunNotice) -> Bool {
        switch notice.kind {
        case .warning, .kill: return true
        case .server:
            if case .state(let state, _) = notice.figure { return LiveView.isTrouble(state) }
            return false
        case .signal, .vote, .conflict, .order, .fill, .risk, .alert, .day, .message, .change:
            return false
        }
    }

    private static func add(_ entry: Entry, to entries: inout [Entry]) {
        var entry = entry
        // The same words move to the front, they are not shown twice.
        let near = entries.suffix(most / 2)
        if let index = near.lastIndex(where: { $0.text == entry.text && $0.kind == entry.kind }) {
            entry.times = entries[index].times + 1
            entries.remove(at: index)
        }
        entries.append(entry)
        if entries.count > most { entries.removeFirst(entries.count - most) }
    }

    /// The newest first, `room` at most; up to a third of them is trouble, however old.
    func newest(_ room: Int) -> [Entry] {
        guard room > 0 else { return [] }
        let kept = troubles.suffix(max(1, room / 3))
        let all = (recent + troubles).sorted { $0.number > $1.number }
        let others = all.filter { entry in !kept.contains { $0.number == entry.number } }
        return (others.prefix(room - kept.count) + kept).sorted { $0.number > $1.number }
    }

    /// What stays to be read behind the screen, oldest first.
    func aftermath(recent room: Int, troubles trouble: Int) -> [Entry] {
        (recent.suffix(room) + troubles.suffix(trouble)).sorted { $0.number < $1.number }
    }
}
