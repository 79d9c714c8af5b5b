#!/usr/bin/perl
# libemb from Perl: perl plot.pl FILE
#
# FFI::Platypus has no unions, so values are packed; "p" in a template is the address of a
# string, which has to stay in place until the call is over.

use v5.36;
use FindBin;
use FFI::Platypus 2.00;
use FFI::Platypus::Buffer qw(buffer_to_scalar scalar_to_pointer);

use constant { NUL_TERMINATED => -1, VALUE => 16, ERROR => 'QlLJqJqQ' };

open my $header, '<', "$FindBin::Bin/../include/emb.h" or die "emb.h: $!";
my %EMB = map { /^#define EMB_(\w+) (-?\d+)$/ } <$header>;

# What the header calls these; an emb_value is packed, an emb_error too.
my $ffi = FFI::Platypus->new(
    api => 2,
    lib => $ENV{EMB_LIBRARY} // "$FindBin::Bin/../target/release/libemb.so",
);
$ffi->type('sint32'      => 'status');
$ffi->type('uint64'      => 'handle');
$ffi->type('record(16)*' => 'value');
$ffi->type('record(56)*' => 'error');
$ffi->type('(opaque, opaque, size_t, opaque, sint64, opaque)->sint32' => 'function');

my @text = ('string', 'sint64');
$ffi->attach(@$_) for (
    [emb_abi_version    => []                                                => 'uint32'],
    [emb_init           => ['opaque']                                        => 'status'],
    [emb_shutdown       => []                                                => 'status'],
    [emb_import         => [@text, 'handle*']                                => 'status'],
    [emb_run            => [@text, @text, 'handle']                          => 'status'],
    [emb_object_free    => ['handle']                                        => 'status'],
    [emb_object_text    => ['handle', 'uint32', 'value']                     => 'status'],
    [emb_call_method    =>
        ['handle', @text, 'string', 'size_t', @text, 'uint32', 'value']      => 'status'],
    [emb_array_from_ptr =>
        ['opaque', @text, 'sint32', 'sint64[]', 'opaque', 'uint32', 'opaque', 'opaque', 'handle*']
                                                                             => 'status'],
    [emb_released => ['opaque*', 'size_t', 'size_t*']                  => 'status'],
    [emb_callback_new   =>
        [@text, @text, 'function', 'opaque', 'uint32', 'opaque', 'handle*']  => 'status'],
    [emb_callback_return => ['value']                                        => 'status'],
    [emb_error_take     => ['error']                                         => 'status'],
    [emb_error_raise    => [@text, @text]                                    => 'status'],
);

sub check ($status) {
    return if $status == $EMB{OK};
    my $error = pack ERROR, 56, (0) x 7;
    emb_error_take($error);
    my (undef, undef, undef, $type, $type_length, $message, $length, $exception)
        = unpack ERROR, $error;
    emb_object_free($exception);
    die buffer_to_scalar($type, $type_length), ': ', buffer_to_scalar($message, $length), "\n";
}

# Values: a template, the three things that it packs, and what these point to.
sub text ($string)   { return ['LLp', $EMB{TEXT},   length $string, $string] }
sub int_  ($number)  { return ['LLq', $EMB{INT},    0, $number] }
sub real ($number)   { return ['LLd', $EMB{FLOAT},  0, $number] }
sub object ($handle) { return ['LLQ', $EMB{OBJECT}, 0, $handle] }
sub list (@items)    { return ['LLp', $EMB{LIST},   scalar @items,     values_(@items), @items] }
sub dict (@items)    { return ['LLp', $EMB{DICT},   scalar @items / 2, values_(@items), @items] }
sub none ()          { return ['LLQ', $EMB{NONE},   0, 0] }

# Packs them where they are: "p" takes the address of what is in the array, not of a copy.
sub values_ (@values) {
    return join '', map { pack $_->[0], $_->[1], $_->[2], $_->[3] } @values;
}

sub import_ ($name) {
    check(emb_import($name, length $name, \my $module));
    return $module;
}

# of.name(@$args, %$keywords), with an object as the result
sub call ($of, $name, $args = [], @keywords) {
    my (@names, @values);
    while (my ($keyword, $value) = splice @keywords, 0, 2) {
        push @names,  $keyword;
        push @values, $value;
    }
    my $result = "\0" x VALUE;
    check(emb_call_method(
        $of, $name, length $name, values_(@$args, @values), scalar @$args,
        (@names ? join ',', @names : undef), NUL_TERMINATED, $EMB{RESULT_OBJECT}, $result));
    return (unpack 'LLQ', $result)[2];
}

# A numpy array on the memory of a packed string, which must not be changed or freed before
# Python lets go of it.
sub array ($memory) {
    my $data = scalar_to_pointer($$memory);
    check(emb_array_from_ptr(
        $data, 'float64', NUL_TERMINATED, 1, [length($$memory) / 8], undef,
        $EMB{RELEASE_QUEUE}, undef, $data, \my $array));
    return $array;
}

sub share () {
    my $memory = pack 'd*', 3, 1, 2;
    my $sorted = array(\$memory);
    call($sorted, 'sort');
    say "shared     @{[unpack 'd*', $memory]}";

    check(emb_object_free($sorted));
    check(emb_run('', 0, undef, 0, 0));    # enters Python, which drops it
    check(emb_released(\my $released, 1, \my $count));
    say "released   $count";
}

# An exception must not leave a callback: raise it in Python, and return its status.
sub word_length ($userdata, $args, $nargs, $keywords, $keywords_length, $result) {
    my (undef, $length) = unpack 'LL', buffer_to_scalar($args, VALUE);
    return emb_error_raise('ValueError', NUL_TERMINATED, 'an empty word', NUL_TERMINATED)
        if $length == 0;
    return emb_callback_return(values_(int_($length)));
}

sub call_back ($builtins) {
    my $function = $ffi->closure(\&word_length);    # kept as long as Python may call it
    check(emb_callback_new(
        'word_length', NUL_TERMINATED, undef, 0, $function, undef,
        $EMB{RESULT_AUTO} | $EMB{ONE_THREAD}, undef, \my $key));
    my @words  = (text('cherry'), text('fig'), text('lemon'));
    my $sorted = call($builtins, 'sorted', [list(@words)], key => object($key));
    my $shown  = "\0" x VALUE;
    check(emb_object_text($sorted, $EMB{TEXT_REPR}, $shown));
    my (undef, $length, $address) = unpack 'LLJ', $shown;
    say 'callback   ', buffer_to_scalar($address, $length);

    $words[1] = text('');
    eval { call($builtins, 'sorted', [list(@words)], key => object($key)) };
    print "raised     $@";
    check(emb_object_free($sorted));
    check(emb_object_free($key));
}

sub plot ($path) {
    my ($x, $y, @xs, @ys) = (0.1, 0);
    for (1 .. 1000) {
        $x += 0.03 * $y;
        $y += 0.03 * ((1 - $x * $x) * $y - $x);
        push @xs, $x;
        push @ys, $y;
    }
    my ($xs, $ys) = (pack('d*', @xs), pack('d*', @ys));
    call(import_('matplotlib'), 'use', [text('agg')]);
    my $pyplot = import_('matplotlib.pyplot');
    call($pyplot, 'plot', [object(array(\$xs)), object(array(\$ys))],
        color => text('teal'), linewidth => real(1.5));
    call($pyplot, 'title', [text("Van der Pol's oscillator")]);
    call($pyplot, 'savefig', [text($path)],
        dpi => int_(80), metadata => dict(text('Software'), none));
    check(emb_shutdown());    # while Perl still keeps $xs and $ys
}

die "usage: plot.pl FILE\n" if @ARGV != 1;
die "another version of libemb\n" if emb_abi_version() != $EMB{ABI_VERSION};
check(emb_init(undef));
say 'abi        ', emb_abi_version();
share();
my $builtins = import_('builtins');
call_back($builtins);
eval { call($builtins, 'int', [text('ten')]) };
print "exception  $@";
plot($ARGV[0]);
say 'picture    drawn';
