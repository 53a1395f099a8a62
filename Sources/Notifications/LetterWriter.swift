import Ports

/// Writes the next letter to a destination: one message, a part of a long one, or a digest.
struct LetterWriter {
    private let state: DestinationState
    private let settings: Outbox.Settings
    private let now: Outbox.Moment
    private var texts: Texts { state.plan.texts }
    /// UTF-16 units.
    private var limit: Int { state.plan.limits.length }
    /// Room for ids, times and counts around a text.
    private static let decoration = 120

    init(_ state: DestinationState, _ settings: Outbox.Settings, _ now: Outbox.Moment) {
        self.state = state
        self.settings = settings
        self.now = now
    }

    /// Whether there is more to tell than doubts.
    var hasCompany: Bool { !state.urgent.isEmpty || !state.ordinary.isEmpty || state.tally > 0 }

    func write() -> (LetterContent, Letter) {
        if let entry = state.urgent.first { return single(entry, .urgent) }
        let foldable = state.ordinary.prefix { $0.isFoldable }
        if foldable.count >= settings.foldFrom || (state.tally > 0 && !foldable.isEmpty) {
            return digest(Array(foldable))
        }
        if let entry = state.ordinary.first { return single(entry, .ordinary) }
        return rest()
    }

    private func single(_ entry: OutboxEntry, _ kind: LetterContent.Kind)
        -> (LetterContent, Letter)
    {
        let parts = splitText(entry.text, limit: limit - Self.decoration)
        let part = min(entry.partsDone, parts.count - 1)
        var text = parts[part]
        var marks: [String] = []
        if parts.count > 1 { marks.append("(\(part + 1)/\(parts.count))") }
        if now.utc - entry.utc > settings.lateAfter, !entry.message.clock.isEmpty {
            marks.append("(\(entry.message.clock))")
        }
        if entry.message.severity.isUrgent || entry.isRepeat {
            marks.append(entry.message.id.short)
        }
        if entry.isRepeat { marks.append(texts.mayBeRepeated) }
        if !marks.isEmpty {
            let end = text.firstIndex { $0.isNewline } ?? text.endIndex
            text.insert(contentsOf: " " + marks.joined(separator: " "), at: end)
        }
        var content = LetterContent(kind: kind, count: 1, part: part, parts: parts.count)
        addDoubts(to: &text, &content)
        return (content, letter(entry.message.severity, text, isPlain: entry.isPlain))
    }

    private func digest(_ entries: [OutboxEntry]) -> (LetterContent, Letter) {
        let room = limit - Self.decoration
        var lines: [String] = []
        var length = 0
        for entry in entries {
            let line = texts.digestLine(entry, limit: min(400, room / 2))
            guard length + line.utf16.count + 1 <= room else { break }
            length += line.utf16.count + 1
            lines.append(line)
        }
        let rest = entries.count - lines.count
        let count = rest > settings.nameAtMost ? entries.count : lines.count
        let told = entries.prefix(count)
        let isLast = count == state.ordinary.count
        let tally = isLast ? state.tally : 0
        let span = (told.last?.utc ?? 0) - (told.first?.utc ?? 0)
        let topics = Set(told.map(\.message.topic))
        var text = texts.digestHead(
            count: count + tally, topic: topics.count == 1 && tally == 0 ? topics.first : nil,
            span: span)
        text += "\n" + lines.joined(separator: "\n")
        let unnamed = count - lines.count + tally
        if unnamed > 0 { text += "\n" + texts.andMore(unnamed) }
        var content = LetterContent(kind: .digest, count: count, tally: tally)
        addDoubts(to: &text, &content)
        let isPlain = told.first?.isPlain ?? false
        return (content, letter(.info, text, isPlain: isPlain))
    }

    /// Counts and doubts alone.
    private func rest() -> (LetterContent, Letter) {
        var content = LetterContent(kind: .doubts, count: 0, tally: state.tally)
        var text = state.tally > 0 ? texts.onlyCounted(state.tally) : ""
        addDoubts(to: &text, &content)
        return (content, letter(.info, text, isPlain: true))
    }

    /// Adds what may not have arrived, if there is room for all of it or nothing else to say.
    private func addDoubts(to text: inout String, _ content: inout LetterContent) {
        guard !state.doubts.isEmpty else { return }
        let named = state.doubts.filter { !$0.isEmpty }
        let unnamed = state.doubts.count - named.count
        var lines = [texts.mayNotHaveArrived(state.doubts.count)]
        lines += named.map { "· " + cutText($0, limit: 80) }
        if unnamed > 0 { lines.append(texts.andMore(unnamed)) }
        let foot = lines.joined(separator: "\n")
        let space = text.isEmpty ? 0 : 2
        guard text.utf16.count + space + foot.utf16.count <= limit || text.isEmpty else { return }
        text += (text.isEmpty ? "" : "\n\n") + cutText(foot, limit: limit)
        content.doubts = state.doubts.count
    }

    private func letter(_ severity: Severity, _ text: String, isPlain: Bool) -> Letter {
        Letter(severity: severity, text: text, address: state.address, isPlain: isPlain)
    }
}

/// Pieces of at most `limit` UTF-16 units, cut at line ends where there are any, else between characters.
func splitText(_ text: String, limit: Int) -> [String] {
    guard text.utf16.count > limit else { return [text] }
    var parts: [String] = []
    var rest = Substring(text)
    while !rest.isEmpty {
        let piece = headOfText(rest, limit: limit)
        var end = piece.endIndex
        if end < rest.endIndex, let line = piece.lastIndex(where: \.isNewline),
            line > rest.startIndex
        {
            end = line
        }
        parts.append(String(rest[..<end]))
        rest = rest[end...]
        if let first = rest.first, first.isNewline, end > piece.startIndex { rest.removeFirst() }
    }
    return parts
}

/// The text, or its beginning with an ellipsis.
func cutText(_ text: String, limit: Int) -> String {
    guard text.utf16.count > limit else { return text }
    return headOfText(Substring(text), limit: max(1, limit - 1)) + "…"
}

/// Whole characters within the limit; of a character that is longer than that alone, scalars.
private func headOfText(_ text: Substring, limit: Int) -> Substring {
    var count = 0
    var end = text.startIndex
    while end < text.endIndex {
        let next = text.index(after: end)
        let width = text[end..<next].utf16.count
        if count + width > limit { break }
        count += width
        end = next
    }
    guard end == text.startIndex else { return text[..<end] }
    while end < text.endIndex {
        let width = text.unicodeScalars[end].utf16.count
        if count + width > limit, end > text.startIndex { break }
        count += width
        end = text.unicodeScalars.index(after: end)
    }
    return text[..<end]
}
