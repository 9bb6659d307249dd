global using Xunit;

// One after another: a clock that stands still until it is advanced must wait for the pool to come to rest, and other tests would keep it busy.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
