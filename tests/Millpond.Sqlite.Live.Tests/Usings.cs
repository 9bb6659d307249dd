global using Xunit;

// Most of the time goes by waiting for servers.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
