all:;@:
comma := ,
empty :=
space := $(empty) $(empty)
$(info [$(subst ee,EE,feet on the street)] [$(subst $(space),$(comma),a b c)] [$(subst ,x,abc)])
$(info [$(patsubst %.c,%.o,x.c.c bar.c y.h)] [$(patsubst a,b,a ab a)] [$(patsubst %/, %/built-in.a, x/ y)])
$(info [$(patsubst lib%,%,libfoo lib foo)] [$(patsubst %,%%,a)] [$(patsubst \%x,y,%x ax)])
$(info [$(strip   a   b  )] [$(findstring a,b a c)] [$(findstring a,b c)])
$(info [$(filter %.c %.s,foo.c bar.c baz.s ugh.h)] [$(filter-out main1.o main2.o,main1.o foo.o main2.o bar.o)])
$(info [$(filter a b c d e f g h i j,x j a z)] [$(filter-out a b c d e f g h i j,x j a z)] [$(filter $(empty),a)])
$(info [$(sort foo bar lose foo B a)] [$(word 2,foo bar baz)] [$(word 4,foo bar)] [$(wordlist 2,3,foo bar baz)] [$(wordlist 3,2,a b c)])
$(info [$(words foo bar)] [$(words )] [$(firstword foo bar)] [$(lastword foo bar)] [$(firstword)])
$(info [$(dir src/foo.c hacks /a)] [$(notdir src/foo.c hacks dir/)] [$(suffix src/foo.c src-1.0/bar.c hacks)] [$(basename src/foo.c src-1.0/bar hacks .x)])
$(info [$(addsuffix .c,foo bar)] [$(addprefix src/,foo bar)] [$(addprefix -T , a b)] [$(join a b,.c .o .d)])
$(info [$(if $(empty),yes,no)] [$(if x,yes)] [$(if ,yes)] [$(if  $(empty) ,yes, no )])
$(info [$(or $(empty),,b,c)] [$(and a,b)] [$(and a,,b)] [$(or )] [$(and a, b )])
$(info [$(foreach x,a b c,<$(x)>)] [$(foreach x, a  b ,$(foreach y,1 2,$(x)$(y)))] [$(x)])
rev = $(2) $(1)
$(info [$(call rev,a,b)] [$(call rev,a)] [$(call rev, a , b )] [$(call none,a)] [$(call subst,a,b,cab)])
map = $(foreach a,$(2),$(call $(1),$(a)))
wrap = <$(1)$(2)>
$(info [$(call map,wrap,1 2 3)])
nest = $(call wrap,$(1),$(call wrap,$(1)))
$(info [$(call nest,q)])
count = $(if $(1),$(call count,$(wordlist 2,99,$(1)))x)
$(info [$(call count,a b c d)])
arg0 = $(0)
$(info [$(call arg0)])
$(eval made := by eval)
$(info [$(made)])
define rule
$(1): $(2)
var_$(1) = $(2)
endef
$(foreach t,p q,$(eval $(call rule,$(t),x$(t))))
$(info [$(var_p)] [$(var_q)])
$(eval $$(info twice $$(made)))
$(info [$(value rev)] [$(origin rev)] [$(origin CC)])
$(info [$(abspath /a/./b//c/../d)] [$(abspath ../..//../../../../../x)] [$(realpath /nowhere/x)])
suffix-search = $(strip $(foreach s, $3, $($(1:%$(strip $2)=%$s))))
real-search = $(foreach m, $1, $(if $(call suffix-search, $m, $2, $3 -), $(call suffix-search, $m, $2, $3), $m))
multi-search = $(sort $(foreach m, $1, $(if $(call suffix-search, $m, $2, $3 -), $m)))
ext4-y := super.o inode.o
ext4-objs := more.o
none- := left.o
obj-y := ext4.o alone.o none.o
$(info [$(call real-search, $(obj-y), .o, -objs -y)])
$(info [$(call multi-search, $(obj-y), .o, -objs -y)])
$(info [$(or $(filter %.o,$(obj-y)),none)] [$(if $(filter-out %.o,$(obj-y)),a,b)])
t := $(info in a value)x
$(info ${subst {a},[,{a}} [$(subst (),[,$(value t)())])
$(info $(shell echo not asked here >/dev/null))
$(info a,b,$(comma)c)
$(info [$(wildcard nothing*here)] [$(wildcard /etc/passwd /etc/nothing)] [$(notdir $(wildcard /etc/pass[w]d))] [$(wildcard /et?/host[n]ame)])
a := $(call wrap)
$(info [$(a)])
p = $1|$(1)|${1}
$(info [$(call p,z)] [$(p)])
$(info [$(subst x,y,)] [$(patsubst %.o,%,)] [$(sort )])
$(info $(words $(subst /, ,a/b/c)))
$(info [$(if a,b,c,d)] [$(subst a,b,a,a)])
