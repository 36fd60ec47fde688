# cmake -DOUT=file.c -DFOLDER=here -P embed.cmake: the templates as C.

file(GLOB_RECURSE templates RELATIVE ${FOLDER} ${FOLDER}/*.in)
list(SORT templates)
set(bytes "")
set(table "")
set(number 0)
foreach(template ${templates})
	file(READ ${FOLDER}/${template} hex HEX)
	string(REGEX REPLACE "(..)" "0x\\1," hex "${hex}")
	string(REGEX REPLACE "/.*" "" lang ${template})
	string(REGEX REPLACE "^[^/]*/(.*)\\.in$" "\\1" path ${template})
	string(APPEND bytes
		"static const unsigned char file_${number}[] = {${hex}0};\n")
	string(APPEND table
		"\t{\"${lang}\", \"${path}\", (const char *)file_${number}},\n")
	math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT}
"#include \"check/scaffold.h\"

${bytes}
const struct scaffold_file scaffold_files[] = {
${table}\t{0}
};
")
