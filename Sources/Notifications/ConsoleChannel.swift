package import Ports

/// Writes letters as lines of a terminal or a file.
package struct ConsoleChannel: MessageChannel {
    package let limits = ChannelLimits(length: 16_384)
    private let write: @Sendable (String) -> Void

    /// - Parameter write: Takes whole lines; must not block for long.
    package init(write: @escaping @Sendable (String) -> Void) { self.write = write }

    /// Nothing to retry: a terminal takes what it is given.
    package func deliver(_ letter: Letter) async -> Delivery {
        write(letter.text.filter { $0.isNewline || !$0.isControl })
        return .delivered(pause: 0)
    }
}

extension Character {
    /// A terminal would act on it.
    fileprivate var isControl: Bool {
        unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\t" }
    }
}
