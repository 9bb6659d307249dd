using Microsoft.CodeAnalysis;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Api;

/// <summary>What users can call is written down in eng/api; it changes on purpose or not at all.</summary>
public class PublicApi
{
    private const string Folder = "eng/api";

    public static TheoryData<string> Assemblies => [.. ShippedAssembly.Names];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void The_public_api_is_the_one_written_down(string name)
    {
        var actual = Rendering.Render(ShippedAssembly.Load(name));
        var path = Path.Combine(Repository.Root, Folder, name + ".txt");
        if (Environment.GetEnvironmentVariable("MILLPOND_ACCEPT_API") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        var difference = Difference(File.Exists(path) ? File.ReadAllText(path) : "", actual).ToArray();
        Assert.True(difference.Length == 0, $"The public API of {name} is not what {Folder}/{name}.txt says. If it should be: ./test --accept-api\n{string.Join('\n', difference)}");
    }

    [Fact]
    public void Every_api_file_belongs_to_an_assembly_that_ships() =>
        Assert.Empty(Repository.Files.Where(f => f.In(Folder)).Select(f => Path.GetFileNameWithoutExtension(f.Path)).Except(ShippedAssembly.Names));

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Nothing_public_takes_a_boolean(string name) => None(Contract.BooleanParameters(ShippedAssembly.Load(name)));

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Everything_public_is_documented(string name) =>
        None(Contract.Undocumented(ShippedAssembly.Load(name), ShippedAssembly.Documented(name)));

    [Theory]
    [InlineData("public class C { public void M(bool wait) { } }", 1)]
    [InlineData("public class C { public C(bool? wait) { } internal void M(bool wait) { } }", 1)]
    [InlineData("public delegate void D(bool wait);", 1)]
    [InlineData("public readonly record struct R(int A, bool B);", 1)]
    [InlineData("public record R { public bool B { get; init; } public static bool TryRead(out bool b) => b = true; }", 0)]
    [InlineData("public class C : System.IObserver<bool> { public void OnNext(bool v) { } public void OnCompleted() { } public void OnError(System.Exception e) { } }", 0)]
    [InlineData("class Hidden { public void M(bool wait) { } }", 0)]
    public void Booleans_are_found(string code, int count) => Assert.Equal(count, Contract.BooleanParameters(ShippedAssembly.Compile(code)).Count());

    [Fact]
    public void Missing_documentation_is_found() =>
        Assert.Single(Contract.Undocumented(ShippedAssembly.Compile("public class A; public class B; class Hidden;"), new HashSet<string> { "T:A" }));

    [Fact]
    public void The_rendering_shows_what_a_caller_depends_on()
    {
        var text = Rendering.Render(ShippedAssembly.Compile("""
            namespace N;
            public sealed class A<T> : System.IDisposable where T : notnull
            {
                public string? P { get; init; }
                public T M(int n = 3, params string[] rest) => throw null!;
                public void Dispose() { }
                private int _hidden;
            }
            public enum E { X = 1, Y = 4 }
            internal class Hidden;
            """));
        Assert.Equal("""
            public sealed class N.A<T> where T : notnull : System.IDisposable
                public A()
                public T M(int n = 3, params string[] rest)
                public string? P { get; init; }
                public void Dispose()

            public enum N.E
                X = 1
                Y = 4

            """, text);
    }

    [Fact]
    public void A_change_of_the_api_is_shown_line_by_line() =>
        Assert.Equal(["- class A", "+ class B"], Difference("class A\nclass C\n", "class B\nclass C\n"));

    // Both sides are sorted, so a set difference reads as a diff.
    private static IEnumerable<string> Difference(string pinned, string actual)
    {
        if (pinned == actual)
        {
            return [];
        }

        var (before, after) = (pinned.Split('\n'), actual.Split('\n'));
        var lines = before.Except(after).Select(l => "- " + l).Concat(after.Except(before).Select(l => "+ " + l)).ToArray();
        return lines.Length > 0 ? lines : ["(the same lines in another order or number)"];
    }

    private static void None(IEnumerable<string> faults)
    {
        var all = faults.ToArray();
        Assert.True(all.Length == 0, string.Join('\n', all));
    }
}
