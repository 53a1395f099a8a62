package import Ports
import Platform

/// Notes what a run tells, and may act at the n-th notice.
package final class Notebook: RunObserver {
    private let notices = Locked<[RunNotice]>([])
    private let onNotice: @Sendable (Int) -> Void

    package init(onNotice: @escaping @Sendable (Int) -> Void = { _ in }) {
        self.onNotice = onNotice
    }

    package var all: [RunNotice] { notices.withLock { $0 } }
    package func started(_ start: RunStart) {}
    package func notice(_ notice: RunNotice) {
        let count = notices.withLock { notices in
            notices.append(notice)
            return notices.count
        }
        onNotice(count)
    }
    package func finished(_ summary: RunSummary) {}
}
