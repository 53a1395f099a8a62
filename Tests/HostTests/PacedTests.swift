import Testing

/// Runs whose time counts, of tasks that other tests would keep waiting: Tools/test runs no other test
/// beside them.
@Suite(.serialized) struct PacedTests {}
