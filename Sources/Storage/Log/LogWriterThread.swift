import Glibc
import Ports

/// The one thread that writes the log: takes all that waits, writes it, flushes it, tells, and
/// again.
///
/// No timer and no minimum group: under load the groups grow by themselves while a flush lasts.
final class LogWriterThread {
    private let queue: GroupQueue
    private var writer: SegmentWriter
    /// Held as long as the files are open.
    private let lock: FolderLock

    private init(
        _ queue: GroupQueue, _ writer: consuming SegmentWriter, _ lock: consuming FolderLock
    ) {
        self.queue = queue
        self.writer = writer
        self.lock = lock
    }

    /// Starts the thread; it ends after `queue.requestClose()` or the first error, and then frees
    /// all.
    static func start(
        _ queue: GroupQueue, writer: consuming SegmentWriter, lock: consuming FolderLock,
        place: String
    ) throws(StoreError) {
        let body = Unmanaged.passRetained(LogWriterThread(queue, writer, lock))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                // Taken once, by the thread; what it owns is closed before the queue says "ended".
                let queue = LogWriterThread.run(Unmanaged.fromOpaque(raw))
                queue.end()
                return nil
            }, body.toOpaque())
        guard result == 0 else {
            body.release()  // no thread will ever take it
            throw StoreError(Errno(result), doing: "start the log's thread", at: place)
        }
        pthread_detach(thread)
    }

    private static func run(_ body: Unmanaged<LogWriterThread>) -> GroupQueue {
        let thread = body.takeRetainedValue()
        thread.run()
        return thread.queue
    }

    private func run() {
        // Signals belong to the threads that wait for them.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        var group = RecordGroup()
        do throws(StoreError) {
            while queue.take(into: &group) {
                try writer.write(group) { [queue] number, bytes in
                    queue.wrote(upTo: number, bytes: bytes)
                }
                group.removeAll()
            }
            try writer.finish()
        } catch {
            queue.fail(error)
        }
    }
}
