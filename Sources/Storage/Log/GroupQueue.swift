import Glibc
import Ports

/// Where records wait for the disk: two groups, one being filled while the other is written.
///
/// A lock with two conditions, which `Mutex` lacks: the writer waits for work, everyone else for
/// progress.
final class GroupQueue {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let progress = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    // All below only under the lock.
    private var waiting = RecordGroup()
    private var waitingBytes = 0
    private var next: UInt64
    private var durable: UInt64
    private var layout: SegmentLayout
    private var failure: StoreError?
    private var wake: (@Sendable (Result<UInt64, StoreError>) -> Void)?
    /// Whether records wait until somebody asks for them, and up to which number somebody has.
    private var isPatient = false
    private var asked: UInt64 = 0
    private var isClosing = false
    private var hasEnded = false
    private let waitingLimit: Int

    /// - Parameter next: The number of the first record to come; all before it are durable.
    init(next: UInt64, layout: SegmentLayout, waitingLimit: Int) {
        self.next = next
        durable = next - 1
        self.layout = layout
        self.waitingLimit = waitingLimit
        pthread_mutex_init(lock, nil)
        pthread_cond_init(work, nil)
        pthread_cond_init(progress, nil)
    }

    deinit {
        pthread_cond_destroy(progress)
        pthread_cond_destroy(work)
        pthread_mutex_destroy(lock)
        progress.deallocate()
        work.deallocate()
        lock.deallocate()
    }

    // MARK: For everyone

    var nextNumber: UInt64 { locked { next } }
    var durableNumber: UInt64 { locked { durable } }

    func flushWhenAsked() { locked { isPatient = true } }

    func onDurable(_ wake: @escaping @Sendable (Result<UInt64, StoreError>) -> Void) {
        locked { self.wake = wake }
    }

    func setHeadExtra(_ bytes: [UInt8]) {
        locked { layout.extra = HeadExtra(bytes: bytes, number: next) }
    }

    /// Blocks while the limit's worth of bytes waits; a record above the limit enters alone.
    func append(_ payload: UnsafeRawBufferPointer) throws(StoreError) -> UInt64 {
        let size = RecordFrame.size(ofPayload: payload.count)
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while failure == nil, !isClosing, waitingBytes > 0, waitingBytes + size > waitingLimit {
            ask()
            pthread_cond_wait(progress, lock)
        }
        if let failure { throw failure }
        guard !isClosing else { throw .closedLog }
        let number = next
        if let extra = layout.place(size) { waiting.cut(before: number, extra: extra) }
        waiting.append(payload, number: number)
        waitingBytes += size
        next += 1
        if isDue { pthread_cond_signal(work) }
        return number
    }

    /// Blocks until everything appended before the call is durable.
    func flush() throws(StoreError) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        let target = next - 1
        ask()
        while durable < target, failure == nil, !hasEnded { pthread_cond_wait(progress, lock) }
        if durable < target { throw failure ?? .closedLog }
    }

    /// Lets no more records in; the writer ends when it has written what waits.
    func requestClose() {
        locked {
            isClosing = true
            pthread_cond_broadcast(work)
            pthread_cond_broadcast(progress)
        }
    }

    /// Blocks until the writer has ended.
    func waitForEnd() throws(StoreError) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while !hasEnded { pthread_cond_wait(progress, lock) }
        if let failure { throw failure }
    }

    // MARK: For the writer

    /// Takes all that waits, leaving the emptied group in its place. Blocks while there is nothing.
    ///
    /// - Returns: False when the log closes and nothing is left.
    func take(into group: inout RecordGroup) -> Bool {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while !isDue, !isClosing { pthread_cond_wait(work, lock) }
        swap(&waiting, &group)
        return !group.isEmpty
    }

    /// Whether what waits is to be written now. Under the lock.
    private var isDue: Bool {
        guard !waiting.isEmpty else { return false }
        return !isPatient || asked > durable || waitingBytes >= Self.much
    }
    private static let much = 1 << 20

    /// Wants all that was appended. Under the lock.
    private func ask() {
        guard asked < next - 1 else { return }
        asked = next - 1
        pthread_cond_signal(work)
    }

    /// Everything up to `number` is on the disk, `bytes` of it since the last call.
    func wrote(upTo number: UInt64, bytes: Int) {
        let wake = locked {
            durable = number
            waitingBytes -= bytes
            pthread_cond_broadcast(progress)
            return self.wake
        }
        wake?(.success(number))
    }

    /// Writing failed, for good.
    func fail(_ error: StoreError) {
        let wake = locked {
            failure = error
            pthread_cond_broadcast(progress)
            return self.wake
        }
        wake?(.failure(error))
    }

    /// The writer's files are closed.
    func end() {
        locked {
            hasEnded = true
            wake = nil
            pthread_cond_broadcast(progress)
        }
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }
}

// Safe because every field is read and written under the lock; POSIX lets any thread use it.
extension GroupQueue: @unchecked Sendable {}

extension StoreError {
    static let closedLog = StoreError(
        .io, "the log is closed", at: "event log", advice: "append before closing")
}

/// Where the next record will lie: decides, as it is appended, whether it opens a segment, so that
/// the new head carries the host's bytes of exactly that moment.
struct SegmentLayout {
    /// Where the current segment ends with all that was appended.
    var end: Int
    /// Where its records begin.
    var start: Int
    let limit: Int
    let identity: LogIdentity
    var extra: HeadExtra
    /// The next record opens a segment in any case.
    var mustCut: Bool

    /// Places a frame of `size` bytes.
    ///
    /// - Returns: The head's bytes where it opens a segment.
    mutating func place(_ size: Int) -> HeadExtra? {
        guard mustCut || (end + size > limit && end > start) else {
            end += size
            return nil
        }
        mustCut = false
        start = SegmentHead(segment: 0, firstNumber: 0, identity: identity, extra: extra).length
        end = start + size
        return extra
    }
}
