import CLinux
import Glibc

/// What an output can show.
package struct Terminal: Hashable, Sendable {
    package enum Style: String, Hashable, Sendable {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case cyan = "36"
    }

    /// False in a pipe or a file.
    package let isInteractive: Bool
    package let isColoured: Bool
    /// Columns; 80 where nobody knows.
    package let width: Int

    package init(isInteractive: Bool, isColoured: Bool, width: Int = 80) {
        self.isInteractive = isInteractive
        self.isColoured = isColoured
        self.width = width
    }

    /// Asks the system. `NO_COLOR`, not empty, and `TERM=dumb` turn colours off.
    package init(descriptor: Int32, environment: [String: String]) {
        let isTerminal = isatty(descriptor) == 1
        let isPlain = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        let columns = isTerminal ? Int(host_terminal_width(descriptor)) : 0
        let told = environment["COLUMNS"].flatMap(Int.init) ?? 0
        self.init(
            isInteractive: isTerminal, isColoured: isTerminal && !isPlain,
            width: columns > 0 ? columns : told > 0 ? told : 80)
    }

    /// The text in a style, or as it is where colours are off.
    package func styled(_ text: String, _ styles: Style...) -> String { styled(text, styles) }
    package func styled(_ text: String, _ styles: [Style]) -> String {
        guard isColoured, !styles.isEmpty else { return text }
        return "\u{1B}[\(styles.map(\.rawValue).joined(separator: ";"))m\(text)\u{1B}[0m"
    }
}

/// Columns that text takes on a terminal: two for Korean, emoji and other wide characters, none for accents and for
/// what only joins or directs others.
package func displayWidth(of text: String) -> Int {
    text.reduce(0) { width, character in
        guard let first = character.unicodeScalars.first, !isInvisible(first) else { return width }
        return width + (isWide(first) || character.unicodeScalars.contains("\u{FE0F}") ? 2 : 1)
    }
}

/// Text filled with spaces up to a width, at its end or, for numbers, in front; never cut.
package func padded(_ text: String, to width: Int, alignedRight: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - displayWidth(of: text)))
    return alignedRight ? space + text : text + space
}

/// A mark, a control, or a character of format such as the joiners; a soft hyphen is shown.
private func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .nonspacingMark, .enclosingMark: true
    case .format: scalar.properties.isDefaultIgnorableCodePoint && scalar != "\u{AD}"
    default: false
    }
}

/// East Asian Width W or F, of Unicode 15, in blocks; emoji that are shown as such by themselves are all of it.
private func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0...0x10FF: false
    case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF,
        0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18CFF,
        0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x20000...0x3FFFD:
        true
    default: scalar.properties.isEmojiPresentation
    }
}
