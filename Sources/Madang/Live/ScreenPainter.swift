import Platform

/// Turns screens into what a terminal is sent: only rows that changed. A value.
struct ScreenPainter {
    private let terminal: Terminal
    private var shown: [String] = []
    private var size = (width: 0, height: 0)

    /// - Parameter terminal: Its colours, or none.
    init(_ terminal: Terminal) { self.terminal = terminal }

    /// - Parameter isWhole: Every row is written, for something else may have written too.
    /// - Returns: Empty where nothing changed.
    mutating func frame(_ screen: Screen, isWhole: Bool = false) -> String {
        let isNew = size != (screen.width, screen.height)
        size = (screen.width, screen.height)
        if isNew { shown = [] }
        var text = isNew ? "\u{1B}[2J" : ""
        for line in 0..<screen.height {
            let row = line < screen.rows.count ? painted(screen.rows[line]) : ""
            let before = line < shown.count ? shown[line] : ""
            guard row != before || isWhole else { continue }
            text += "\u{1B}[\(line + 1);1H\(row)"
            // Behind a full row the cursor stands on its last column: that would be erased.
            let isFull = line < screen.rows.count && screen.rows[line].width >= screen.width
            if !isFull { text += "\u{1B}[K" }
            if line < shown.count { shown[line] = row } else { shown.append(row) }
        }
        guard !text.isEmpty else { return "" }
        // Terminals that know it show the frame at once; others do not mind.
        return "\u{1B}[?2026h" + text + "\u{1B}[?2026l"
    }

    private func painted(_ row: Screen.Row) -> String {
        row.spans.map { terminal.styled($0.text, $0.styles) }.joined()
    }
}
