import CLinux

/// Whether the machine's clock is kept right.
package enum ClockSync {
    /// Whether a time service keeps the system's clock in step, as the kernel has it; `nil` where it
    /// does not say. No network is asked.
    package static func isInStep() -> Bool? {
        switch host_clock_is_in_step() {
        case 0: false
        case 1: true
        default: nil
        }
    }
}
