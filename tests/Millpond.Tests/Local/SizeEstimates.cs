using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Millpond.Local;
using Xunit;

namespace Millpond.Tests.Local;

/// <summary>The allocator is the judge: what a graph is estimated at against what making it took.</summary>
public class SizeEstimates
{
    private const int Many = 5000;

    private sealed record Point(int X, int Y, byte Flag);

    private sealed record Product(int Id, string Name, decimal Price, DateTimeOffset Since, Guid Reference, int? Stock, string[] Tags);

    private sealed record Line(Product Product, int Count);

    private sealed record Order(long Id, List<Line> Lines, Dictionary<string, string> Notes, Order? Previous);

    private readonly record struct Pair(string Left, int Right);

    private class Animal(string name)
    {
        public string Name { get; } = name;
        public bool Fed { get; set; }
    }

    private sealed class Dog(string name, int age) : Animal(name)
    {
        public int Age { get; } = age;
        public Func<int>? Bark { get; set; }
        public Type? Kind { get; set; } = typeof(Dog);
        public CultureInfo? Culture { get; set; } = CultureInfo.InvariantCulture;
    }

    [Fact]
    public void Strings_arrays_of_primitives_and_flat_objects_are_exact()
    {
        foreach (var length in new[] { 1, 2, 3, 4, 5, 100, 1001 })
        {
            Exact(() => new string('x', length));
            Exact(() => new byte[length]);
            Exact(() => new int[length]);
            Exact(() => new Guid[length]);
            Exact(() => new long[2, length]);
        }

        Exact(() => new Point(1, 2, 3));
        Exact(() => new object());
        Exact(() => (object)5);
        Exact(() => new Animal(null!));
        Assert.Equal(0, SizeEstimate.Of(null));
    }

    [Fact]
    public void Records_lists_and_dictionaries_are_within_a_quarter()
    {
        Near(() => NewProduct(1));
        Near(() => new Dog(new string('d', 9), 4));
        Near(() => NewOrder(1, NewOrder(2, null)));
        Near(() => new List<Product>([NewProduct(1), NewProduct(2), NewProduct(3)]));
        Near(() => Fill(new Dictionary<string, Product>(10), 10, (d, i) => d.Add(Text(i), NewProduct(i))));
        Near(() => new object?[] { Text(1), 5, NewProduct(3), null });
        Near(() => (object)new Pair(Text(1), 2));
    }

    [Fact]
    public void Long_collections_are_scaled_up_from_a_sample()
    {
        Near(() => Fill(new List<Product>(Many), Many, (l, i) => l.Add(NewProduct(i))));
        Near(() => Fill(new Dictionary<int, string>(Many), Many, (d, i) => d.Add(i, Text(i))));
        Near(() => Fill(new Dictionary<string, Order>(Many * 2), Many, (d, i) => d.Add(Text(i), NewOrder(i, null))));
        Near(() => Fill(new HashSet<string>(Many), Many, (s, i) => s.Add(Text(i))));
        Near(() => Enumerable.Range(0, 200).Select(_ => Fill(new List<string>(100), 100, (l, i) => l.Add(Text(i)))).ToArray(), garbage: 600);
        Near(() => Fill(new List<Pair>(Many), Many, (l, i) => l.Add(new Pair(Text(i), i))));
    }

    [Fact]
    public void Trees_and_chains_are_scaled_up_by_their_count()
    {
        Near(() => Fill(new LinkedList<string>(), Many, (l, i) => l.AddLast(Text(i))));
        Near(() => Fill(new SortedDictionary<int, string>(), Many, (d, i) => d.Add(i, Text(i))));
        Near(() => Fill(new List<(Product, LinkedList<string>)>(Many), Many, (l, i) => l.Add((NewProduct(i), Chain(4)))));
        Near(() => Fill(new SortedSet<int>(), Many, (s, i) => s.Add(i)));
    }

    [Fact]
    public void What_all_elements_share_is_counted_once()
    {
        var bytes = SizeEstimate.Of(Enumerable.Range(0, Many).Select(i => new Line(Shared, i)).ToArray());

        Assert.InRange(bytes, Many * 40, (Many * 40) + 10_000);
    }

    [Fact]
    public void Immutable_and_concurrent_collections_are_not_lost()
    {
        var tree = Enumerable.Range(0, Many).ToImmutableDictionary(i => i, Text);
        var table = new ConcurrentDictionary<int, string>(Enumerable.Range(0, Many).ToDictionary(i => i, Text));

        Assert.InRange(SizeEstimate.Of(tree), Many * 75, Many * 250);
        Assert.InRange(SizeEstimate.Of(table), Many * 75, Many * 250);
    }

    [Fact]
    public void Circles_end_and_delegates_types_and_cultures_cost_their_owner_nothing()
    {
        var ring = new LinkedList<object>();
        ring.AddLast(ring);
        var dog = new Dog(Text(1), 1);
        var quiet = SizeEstimate.Of(dog);
        dog.Bark = () => ring.Count;

        Assert.InRange(SizeEstimate.Of(ring), 50, 200);
        Assert.Equal(quiet, SizeEstimate.Of(dog));
    }

    [Fact]
    public void A_walk_ends_at_its_limits()
    {
        Order? chain = null;
        for (var i = 0; i < 100_000; i++)
        {
            chain = new Order(i, [], [], chain);
        }

        Assert.InRange(SizeEstimate.Of(chain), SizeEstimate.DepthMax * 40, SizeEstimate.ObjectsMax * 200);
    }

    [Fact]
    public void A_type_of_fixed_size_is_not_looked_at()
    {
        Assert.True(SizeEstimator<Point>.IsFixed);
        Assert.True(SizeEstimator<(long, Guid)>.IsFixed);
        Assert.False(SizeEstimator<Animal>.IsFixed);
        Assert.False(SizeEstimator<Product>.IsFixed);
        Assert.False(SizeEstimator<string>.IsFixed);
        Assert.False(SizeEstimator<int[]>.IsFixed);
        Assert.Equal(32, SizeEstimator<Point>.Bytes(new Point(1, 2, 3)));
        Assert.Equal(0, SizeEstimator<Point?>.Bytes(null));
        Assert.Equal(24, SizeEstimator<(long, Guid)>.Bytes((1, Guid.Empty)));
        Assert.Equal(16 + 24, SizeEstimator<Pair>.Bytes(new Pair("x", 1)));
        Assert.Equal(24, SizeEstimator<string>.Bytes("x"));
    }

    private static Product Shared { get; } = NewProduct(0);

    private static Product NewProduct(int id) =>
        new(id, new string('n', 10 + (id % 40)), id, default, default, id, [Text(id), Text(id + 1)]);

    private static Order NewOrder(int id, Order? previous) =>
        new(id, new List<Line>(2) { new(NewProduct(id), 1), new(NewProduct(id), 2) }, new Dictionary<string, string>(1) { [Text(1)] = Text(2) }, previous);

    private static string Text(int i) => i.ToString("D12", CultureInfo.InvariantCulture);

    private static LinkedList<string> Chain(int length) => Fill(new LinkedList<string>(), length, (l, i) => l.AddLast(Text(i)));

    private static T Fill<T>(T collection, int count, Action<T, int> add)
    {
        for (var i = 0; i < count; i++)
        {
            add(collection, i);
        }

        return collection;
    }

    private static void Exact(Func<object> make) => Assert.Equal(Allocated(make, out var made), SizeEstimate.Of(made));

    private static void Near(Func<object> make, long garbage = 0)
    {
        var real = Allocated(make, out var made) - garbage;

        Assert.InRange(SizeEstimate.Of(made), real * 3 / 4, real * 5 / 4);
    }

    /// <summary>The least of several runs: the runtime allocates now and then for itself, on whatever thread is at hand.</summary>
    private static long Allocated(Func<object> make, out object made)
    {
        var least = long.MaxValue;
        made = make();
        for (var i = 0; i < 3; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            made = make();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
