using Tidy.Tests.Reading;

namespace Tidy.Tests.Code;

public class Style
{
    private static readonly string[] Generators = ["GeneratedRegex", "JsonSerializerContext"];

    [Fact]
    public void Names_say_what_a_thing_is() => Finding.None(Repository.CSharp.SelectMany(Names.Check));

    [Fact]
    public void Types_are_partial_only_for_a_generator() =>
        Finding.None(Repository.CSharp.SelectMany(f => Shape.Partials(f, [.. Listing.Read(Shape.List, fields: 2).Select(e => e[0])])));

    [Fact]
    public void Nothing_hides_in_regions() => Finding.None(Repository.CSharp.SelectMany(Shape.Regions));

    [Fact]
    public void Tests_never_wait_for_real_time() => Finding.None(Repository.Files.Where(RealWaiting.Applies).SelectMany(RealWaiting.Check));

    [Fact]
    public void No_file_knows_the_machine_it_was_written_on() => Finding.None(Repository.Files.SelectMany(MachinePaths.Check));

    [Theory]
    [InlineData("class CacheManager;", 1)]
    [InlineData("struct KeyUtils;", 1)]
    [InlineData("delegate void LoadHelper();", 1)]
    [InlineData("class Information; class Implicit; enum Utilisation;", 0)]
    [InlineData("class C { void Handle() { } void ProcessAsync() { } void HandleReply() { } }", 2)]
    public void Empty_names_are_found(string code, int count) => Assert.Equal(count, Names.Check(Code(code)).Count());

    [Theory]
    [InlineData("partial class C;", 1)]
    [InlineData("partial class C : JsonSerializerContext;", 0)]
    [InlineData("partial class C { [GeneratedRegex(\"a\")] static partial Regex A(); }", 0)]
    [InlineData("partial class Outer { partial class C : JsonSerializerContext; }", 0)]
    [InlineData("partial class C { [Obsolete] void A() { } }", 1)]
    public void Needless_partial_types_are_found(string code, int count) => Assert.Equal(count, Shape.Partials(Code(code), Generators).Count());

    [Fact]
    public void Regions_are_found() => Assert.Single(Shape.Regions(Code("class C\n{\n#region fields\n#endregion\n}")));

    [Theory]
    [InlineData("await Task." + "Delay(10);", 1)]
    [InlineData("await Task." + "Delay(time);", 1)]
    [InlineData("await Task." + "Delay(TimeSpan.FromSeconds(1), TimeProvider.System);", 1)]
    [InlineData("System.Threading.Thread." + "Sleep(10);", 1)]
    [InlineData("await Task." + "Delay(TimeSpan.FromSeconds(1), _clock, token);", 0)]
    public void Real_waiting_is_found(string code, int count) => Assert.Equal(count, RealWaiting.Check(Code(code)).Count());

    [Fact]
    public void Real_waiting_is_for_live_tests_only()
    {
        Assert.True(RealWaiting.Applies(new SourceFile("tests/A.Tests/Liveness.cs", "")));
        Assert.False(RealWaiting.Applies(new SourceFile("tests/A.Tests/Live/Kill.cs", "")));
        Assert.False(RealWaiting.Applies(new SourceFile("samples/A/Program.cs", "")));
    }

    [Theory]
    [InlineData("see /ro" + "ot/x", 1)]
    [InlineData("cd /ho" + "me/ann/x", 1)]
    [InlineData("\"https://registry.npm" + "js.org/x\"", 1)]
    [InlineData("https://example.com/wo" + "rk/a and src/wo" + "rk/b", 0)]
    public void Machine_paths_are_found(string text, int count) => Assert.Equal(count, MachinePaths.Check(new SourceFile("a.md", text)).Count());

    private static SourceFile Code(string text) => new("C.cs", text);
}
