global using Xunit;

// Most of the time goes by waiting for engines and their clocks, so more classes at once than there are processors.
[assembly: CollectionBehavior(MaxParallelThreads = 8)]
