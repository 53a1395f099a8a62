import Platform

/// Waits for what a host does about a file in its folder. Made before the file is written: then no answer is missed.
struct AnswerWait {
    /// How long a running host is waited for, ns.
    static let usual: Int64 = 5_000_000_000
    /// How often it is looked at without a watch, and where the end of a host rings no bell, ns.
    private static let (withoutWatch, withHost): (Int64, Int64) = (100_000_000, 500_000_000)

    let patience: Int64
    private let bell = Doorbell()
    private let watch: FolderWatch?

    init(_ folder: String, patience: Int64 = Self.usual) {
        self.patience = patience
        watch = FolderWatch(folder) { [bell] in bell.ring() }
    }

    /// - Parameters:
    ///   - isHostThere: Asked before each look, for a host may end right behind its answer; without it nobody looks
    ///     whether one is.
    ///   - look: The answer; `nil`: not yet.
    /// - Returns: `nil` where none came in time, or the host has gone.
    func first<Answer>(
        while isHostThere: (() -> Bool)? = nil, _ look: () throws -> Answer?
    ) throws -> Answer? {
        let clock = HostClock()
        let end = clock.monotonic() + patience
        let pause = watch == nil ? Self.withoutWatch : isHostThere == nil ? patience : Self.withHost
        while true {
            let isThere = isHostThere?() ?? true
            if let answer = try look() { return answer }
            let now = clock.monotonic()
            guard isThere, now < end else { return nil }
            _ = bell.wait(until: min(end, now + pause))
        }
    }
}
