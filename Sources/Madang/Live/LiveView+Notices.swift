import Platform
import Ports
import TradingModel

extension LiveView {
    /// What happened, the newest first.
    func noticeRows(_ width: Int, room: Int) -> [Screen.Row] {
        let entries = board.newest(room)
        let times = times(of: entries)
        let column = times.map { displayWidth(of: $0) }.max() ?? 0
        return zip(entries, times).map { entry, time in
            let style = LinePrinter.style(entry.kind)
            var row = Screen.Row([.init(" ")])
            if column > 0 { row.append(padded(time, to: column) + "  ", .dim) }
            row.spans.append(
                .init(
                    padded(entry.kind.rawValue, to: 8) + " ",
                    entry.isTrouble ? [.bold, style] : [style]))
            let text = printable(entry.text).split(separator: "\n").joined(separator: " · ")
            row.spans.append(.init(text, entry.isTrouble ? [style] : []))
            if entry.times > 1 { row.append("  ×\(entry.times)", .dim) }
            return row.fitted(to: width)
        }
    }

    /// The clock where all are of one day, the date where all are of one time of day, else both.
    private func times(of entries: [NoticeBoard.Entry]) -> [String] {
        let whole = entries.map { $0.time == .zero ? "" : local($0.time, withDate: true) }
        let told = whole.filter { !$0.isEmpty }
        let isOneDay = Set(told.map { $0.prefix(10) }).count <= 1
        let isOneClock = Set(told.map { $0.suffix(8) }).count <= 1
        return whole.map { text in
            guard !text.isEmpty else { return "" }
            if isOneDay { return String(text.suffix(8)) }
            return isOneClock ? String(text.prefix(10)) : String(text.dropFirst(5).prefix(11))
        }
    }
}
